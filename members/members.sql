-- name: insert_members batch
INSERT INTO members (member_id, program_id, state, locale, location_consent, push_consent, profiling_consent,
                     email_consent, sms_consent, voice_consent, created_at, enrolled_store_id)
SELECT member_id, program_id, 'active', locale, location_consent, push_consent, profiling_consent, email_consent,
       sms_consent, voice_consent, created_at, enrolled_store_id
FROM unnest(:member_id::uuid[], :program_id::uuid[], :locale::text[], :location_consent::bool[], :push_consent::bool[],
            :profiling_consent::bool[], :email_consent::bool[], :sms_consent::bool[], :voice_consent::bool[],
            :created_at::timestamptz[], :enrolled_store_id::uuid[])
     AS new (member_id, program_id, locale, location_consent, push_consent, profiling_consent, email_consent,
             sms_consent, voice_consent, created_at, enrolled_store_id);

-- name: insert_consents batch
INSERT INTO consents (member_id, id, purpose, granted, text_version, source, at)
SELECT *
FROM unnest(:member_id::uuid[], :id::uuid[], :purpose::text[], :granted::bool[], :text_version::text[],
            :source::text[], :at::timestamptz[]);

-- name: set_current_consents one
UPDATE members
SET location_consent = coalesce(:location, location_consent), push_consent = coalesce(:push, push_consent),
    profiling_consent = coalesce(:profiling, profiling_consent), email_consent = coalesce(:email, email_consent),
    sms_consent = coalesce(:sms, sms_consent), voice_consent = coalesce(:voice, voice_consent)
WHERE member_id = :member_id;

-- name: list_current_consents one
SELECT DISTINCT ON (purpose) purpose, granted, text_version, source, at
FROM consents
WHERE member_id = $1
ORDER BY purpose, id DESC;

-- name: find_consent one
SELECT granted
FROM consents
WHERE member_id = $1 AND purpose = $2
ORDER BY id DESC
LIMIT 1;

-- name: find_member one
SELECT member_id, program_id, state, locale, location_consent, push_consent, profiling_consent, email_consent,
       sms_consent, voice_consent, verified_at, enrolled_store_id, created_at
FROM members
WHERE member_id = $1;

-- name: find_verified batch
SELECT member_id
FROM members
WHERE member_id = ANY ($1) AND verified_at IS NOT NULL;

-- name: set_locale one
UPDATE members
SET locale = $2
WHERE member_id = $1;

-- name: set_verified one
UPDATE members
SET verified_at = coalesce(verified_at, $2)
WHERE member_id = $1;

-- name: change_state one
UPDATE members
SET state = :state, state_changed_at = :now
WHERE program_id = :program_id AND member_id = :member_id AND state = :former_state
RETURNING member_id;

-- name: lock_active_member one
-- No merge, and no erasure, of the member before our commit.
SELECT state
FROM members
WHERE member_id = $1
FOR SHARE;

-- name: lock_member one
-- Against all that refers to the member: who is writing such a row is waited for, and later ones wait for us.
SELECT state
FROM members
WHERE member_id = $1
FOR UPDATE;

-- name: hold_members batch
-- Against a merge and an erasure, as a row that refers to them would. Those who are gone, or for whom somebody is waited,
-- are left out.
SELECT member_id, state, verified_at IS NOT NULL AS is_verified
FROM members
WHERE member_id = ANY ($1) AND merged_into IS NULL
ORDER BY member_id
FOR KEY SHARE SKIP LOCKED;

-- name: hold_member one
SELECT member_id
FROM members
WHERE member_id = $1
FOR KEY SHARE;

-- name: read_standings batch
SELECT member_id, state, verified_at IS NOT NULL AS is_verified
FROM members
WHERE member_id = ANY ($1);

-- name: lock_states batch
-- In the order of their members, as everywhere; no merge, and no erasure, of them before our commit.
SELECT member_id, state
FROM members
WHERE member_id = ANY ($1)
ORDER BY member_id
FOR SHARE;

-- name: list_newest_consents batch
SELECT DISTINCT ON (member_id, purpose) member_id, purpose, granted, text_version, source, at
FROM consents
WHERE member_id = ANY ($1)
ORDER BY member_id, purpose, id DESC;

-- name: merge_member one
UPDATE members
SET state = 'merged', merged_into = $2, state_changed_at = $3
WHERE member_id = $1;

-- name: pass_quiet_hours_on one
-- To a survivor who has asked for none.
UPDATE members
SET quiet_start = $2, quiet_end = $3
WHERE member_id = $1 AND quiet_start IS NULL;

-- name: find_quiet_hours one
SELECT quiet_start, quiet_end
FROM members
WHERE member_id = $1;

-- name: set_quiet_hours one
UPDATE members
SET quiet_start = $2, quiet_end = $3
WHERE member_id = $1;

-- name: move_aliases fan-out rarely
-- Members who were merged into this one now point to its survivor: an alias is always a single step.
UPDATE members
SET merged_into = $2
WHERE merged_into = $1;

-- name: list_aliases fan-out request
SELECT member_id
FROM members
WHERE merged_into = $1;

-- name: find_aliases fan-out request
SELECT member_id, merged_into
FROM members
WHERE merged_into = ANY ($1);

-- name: find_merge_links fan-out request
SELECT member_id, merged_into
FROM members
WHERE merged_into = ANY ($1)
UNION ALL
SELECT member_id, merged_into
FROM members
WHERE member_id = ANY ($1) AND merged_into IS NOT NULL;

-- name: find_survivors batch
SELECT member_id, merged_into
FROM members
WHERE member_id = ANY ($1) AND merged_into IS NOT NULL;

-- name: list_members fan-out page
SELECT m.member_id, m.state, p.name, p.kana, m.locale, m.location_consent, m.push_consent, m.profiling_consent,
       m.email_consent, m.sms_consent, m.voice_consent, m.verified_at, m.enrolled_store_id, m.created_at, c.number AS card_number
FROM members m
LEFT JOIN profiles p ON p.member_id = m.member_id
LEFT JOIN cards c ON c.member_id = m.member_id AND c.state = 'active'
WHERE m.program_id = $1 AND m.member_id < $2 AND m.state <> 'erased'
ORDER BY m.member_id DESC
LIMIT $3;

-- name: find_listed one
SELECT m.member_id, m.state, p.name, p.kana, m.locale, m.location_consent, m.push_consent, m.profiling_consent,
       m.email_consent, m.sms_consent, m.voice_consent, m.verified_at, m.enrolled_store_id, m.created_at, c.number AS card_number
FROM members m
LEFT JOIN profiles p ON p.member_id = m.member_id
LEFT JOIN cards c ON c.member_id = m.member_id AND c.state = 'active'
WHERE m.program_id = $1 AND m.member_id = $2 AND m.state <> 'erased';

-- name: list_listed batch
SELECT m.member_id, m.state, p.name, p.kana, m.locale, m.location_consent, m.push_consent, m.profiling_consent,
       m.email_consent, m.sms_consent, m.voice_consent, m.verified_at, m.enrolled_store_id, m.created_at, c.number AS card_number
FROM members m
LEFT JOIN profiles p ON p.member_id = m.member_id
LEFT JOIN cards c ON c.member_id = m.member_id AND c.state = 'active'
WHERE m.program_id = $1 AND m.member_id = ANY ($2) AND m.state <> 'erased';

-- name: reserve_handle reference
INSERT INTO handles (program_id, kind, value_hash, member_id, device_id)
VALUES (:program_id, :kind, :value_hash, :member_id, :device_id)
ON CONFLICT (program_id, kind, value_hash) DO NOTHING
RETURNING member_id;

-- name: reserve_handles reference
INSERT INTO handles (program_id, kind, value_hash, member_id)
SELECT program_id, $2, value_hash, member_id
FROM unnest($1::uuid[], $3::bytea[], $4::uuid[]) AS new (program_id, value_hash, member_id)
ORDER BY program_id, value_hash
ON CONFLICT (program_id, kind, value_hash) DO NOTHING
RETURNING member_id;

-- name: reserve_numbers reference
INSERT INTO handles (program_id, kind, value_hash, member_id)
SELECT $1, kind, value_hash, member_id
FROM unnest($2::text[], $3::bytea[], $4::uuid[]) AS new (kind, value_hash, member_id)
ORDER BY kind, value_hash
ON CONFLICT (program_id, kind, value_hash) DO NOTHING
RETURNING kind, value_hash;

-- name: find_holders reference
SELECT kind, value_hash, member_id
FROM handles
WHERE program_id = $1 AND (kind, value_hash) IN (SELECT * FROM unnest($2::text[], $3::bytea[]));

-- name: move_handle reference
UPDATE handles
SET member_id = :member_id, device_id = :device_id
WHERE program_id = :program_id AND kind = :kind AND value_hash = :value_hash;

-- name: find_handle reference
SELECT member_id, device_id
FROM handles
WHERE program_id = $1 AND kind = $2 AND value_hash = $3
FOR UPDATE;

-- name: find_holder reference
SELECT member_id
FROM handles
WHERE program_id = $1 AND kind = $2 AND value_hash = $3;

-- name: find_members_by_handles reference
SELECT program_id, value_hash, member_id
FROM handles
WHERE kind = $1 AND (program_id, value_hash) IN (SELECT * FROM unnest($2::uuid[], $3::bytea[]));

-- name: reserve_contact reference
INSERT INTO handles (program_id, kind, value_hash, member_id, sealed_value, stands_at)
VALUES (:program_id, :kind, :value_hash, :member_id, :sealed_value, :stands_at)
ON CONFLICT (program_id, kind, value_hash) DO NOTHING
RETURNING member_id;

-- name: list_contacts reference
SELECT kind, value_hash, sealed_value, stands_at
FROM handles
WHERE member_id = $1 AND kind IN ('phone', 'email')
ORDER BY kind;

-- name: move_contact reference
UPDATE handles
SET member_id = :member_id, stands_at = :stands_at
WHERE program_id = :program_id AND kind = :kind AND value_hash = :value_hash;

-- name: set_standing reference
UPDATE handles
SET stands_at = $4
WHERE program_id = $1 AND kind = $2 AND value_hash = $3;

-- name: release_contact reference
DELETE FROM handles
WHERE program_id = $1 AND kind = $2 AND value_hash = $3;

-- name: release_other_contacts reference
DELETE FROM handles
WHERE member_id = $1 AND kind = $2 AND value_hash <> $3;

-- name: release_contacts reference
DELETE FROM handles
WHERE member_id = $1 AND kind IN ('phone', 'email', 'push_token');

-- name: move_push_token_of_device reference
UPDATE handles
SET member_id = $3, device_id = $4
WHERE member_id = $1 AND device_id = $2 AND kind = 'push_token';

-- name: move_handles reference
UPDATE handles
SET member_id = $2, stands_at = CASE WHEN stands_at IS NOT NULL THEN greatest(stands_at, $4::timestamptz) END
WHERE member_id = $1 AND kind <> 'push_token' AND kind <> ALL ($3::text[]);
