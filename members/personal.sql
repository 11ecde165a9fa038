-- What this package holds about a person: $1 are the member and all who became them.
-- Contacts are read sealed; server/privacy/export.py opens them. What an erasure leaves of the member is a tombstone,
-- and of each device too, until `delete_devices`.

-- name: export_members batch
SELECT member_id, state, locale, location_consent, push_consent, profiling_consent, email_consent, sms_consent, voice_consent,
       enrolled_store_id, quiet_start, quiet_end, verified_at, state_changed_at, merged_into, created_at
FROM members
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_profiles batch
-- What the search is made of follows from the name and the kana.
SELECT member_id, name, kana, nickname, birth_year, birth_month, birth_day, gender, postal_code, prefecture, city, job,
       income_band, time_zone, attributes, updated_at, version
FROM profiles
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_member_tags batch
SELECT member_id, tag, set_by, tagged_at
FROM member_tags
WHERE member_id = ANY ($1)
ORDER BY member_id, tag;

-- name: export_consents batch
SELECT member_id, id, purpose, granted, text_version, source, at
FROM consents
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_handles reference
SELECT member_id, program_id, kind, device_id, value_hash, sealed_value, stands_at
FROM handles
WHERE member_id = ANY ($1)
ORDER BY member_id, kind, value_hash;

-- name: export_devices batch
SELECT member_id, id, platform, locale, language, app_version, push_token, push_token_kind, push_token_state,
       former_token_until, created_at, last_seen_at, revoked_at
FROM devices
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_contact_verifications batch
SELECT member_id, id, program_id, kind, purpose, is_proved, value_hash, sealed_value, attempts, state, created_at,
       expires_at
FROM contact_verifications
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_transfers reference
-- To which member, or from whom, is theirs to know who has proved it.
SELECT id, CASE WHEN member_id = ANY ($1) THEN 'asked' ELSE 'against' END AS direction, kind, state, answers,
       answered_at, approved_at, created_at, decided_at
FROM transfers
WHERE member_id = ANY ($1) OR holder_id = ANY ($1)
ORDER BY id;

-- name: export_alerts batch
-- `sealed_value` is the contact that was replaced.
SELECT member_id, id, program_id, kind AS what, device_id, contact_kind AS kind, former_hash AS value_hash,
       former_sealed_value AS sealed_value, former_stands_at AS stood_at, created_at, stopped_at
FROM alerts
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_contact_permits batch
SELECT member_id, id, attempts, created_at, expires_at
FROM contact_permits
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_recovery_credentials batch
SELECT member_id, device_id, created_at, expires_at
FROM recovery_credentials
WHERE member_id = ANY ($1)
ORDER BY member_id, device_id;

-- name: export_email_suppressions batch
SELECT member_id, reason, at
FROM email_suppressions
WHERE member_id = ANY ($1)
ORDER BY member_id, at, reason;

-- name: export_email_opt_ins batch
SELECT member_id, text_version, asked_at, sent_at
FROM email_opt_ins
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_erasure_requests batch
SELECT member_id, requested_at, due_at
FROM erasure_requests
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_verification_code_counts batch
SELECT c.kind, c.window_started_at, c.last_sent_at, c.sent
FROM verification_code_counts c
WHERE (c.kind = 'member' AND c.value_hash IN (SELECT uuid_send(m) FROM unnest($1::uuid[]) AS m))
   OR (c.program_id, c.kind, c.value_hash) IN (
          SELECT program_id, kind, value_hash FROM handles WHERE member_id = ANY ($1)
          UNION ALL
          SELECT program_id, kind, value_hash FROM contact_verifications WHERE member_id = ANY ($1)
      )
ORDER BY c.kind, c.last_sent_at;

-- name: export_invitations local
SELECT member_id, store_id, poster, created_at, used_at
FROM invitations
WHERE member_id = ANY ($1)
ORDER BY member_id, used_at;

-- name: erase_member_tags batch
DELETE FROM member_tags
WHERE member_id = ANY ($1);

-- name: erase_profiles batch
DELETE FROM profiles
WHERE member_id = ANY ($1);

-- name: erase_consents batch
DELETE FROM consents
WHERE member_id = ANY ($1);

-- name: erase_handles reference
-- Card number, phone number, e-mail address and push token are free again.
DELETE FROM handles
WHERE member_id = ANY ($1);

-- name: erase_contact_verifications batch
DELETE FROM contact_verifications
WHERE member_id = ANY ($1);

-- name: erase_transfers reference
DELETE FROM transfers
WHERE member_id = ANY ($1) OR holder_id = ANY ($1);

-- name: erase_alerts batch
DELETE FROM alerts
WHERE member_id = ANY ($1);

-- name: erase_contact_permits batch
DELETE FROM contact_permits
WHERE member_id = ANY ($1);

-- name: erase_recovery_credentials batch
DELETE FROM recovery_credentials
WHERE member_id = ANY ($1);

-- name: erase_email_suppressions batch
DELETE FROM email_suppressions
WHERE member_id = ANY ($1);

-- name: erase_email_opt_ins batch
DELETE FROM email_opt_ins
WHERE member_id = ANY ($1);

-- name: erase_erasure_requests batch
DELETE FROM erasure_requests
WHERE member_id = ANY ($1);

-- name: erase_verification_code_counts reference
-- Those of a contact are kept for a day: otherwise an erasure would remove the limit on codes to it.
DELETE FROM verification_code_counts
WHERE kind = 'member' AND value_hash IN (SELECT uuid_send(m) FROM unnest($1::uuid[]) AS m);

-- name: erase_invitations local
-- That somebody has joined by it stays: it says what a poster has brought.
UPDATE invitations
SET member_id = NULL
WHERE member_id = ANY ($1);

-- name: erase_devices batch
-- What is left holds the presence's tombstone, until `delete_devices`.
UPDATE devices
SET platform = 'ios', locale = 'ja', language = NULL, app_version = NULL, token_hash = '', former_token_hash = NULL,
    former_token_until = NULL, push_token = NULL, push_token_kind = NULL, push_token_state = NULL,
    last_seen_at = created_at, revoked_at = coalesce(revoked_at, created_at)
WHERE member_id = ANY ($1);

-- name: erase_members batch
UPDATE members
SET state = 'erased', locale = 'ja', location_consent = false, push_consent = false, profiling_consent = false,
    email_consent = false, sms_consent = false, voice_consent = false, enrolled_store_id = NULL, quiet_start = NULL, quiet_end = NULL, verified_at = NULL,
    merged_into = NULL, state_changed_at = NULL
WHERE member_id = ANY ($1);

-- name: insert_erasure_request one
INSERT INTO erasure_requests (member_id, program_id, requested_at, due_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (member_id) DO UPDATE SET requested_at = erasure_requests.requested_at
RETURNING due_at;

-- name: find_erasure_request one
SELECT due_at
FROM erasure_requests
WHERE member_id = $1;

-- name: list_due_erasure_requests fan-out hourly
SELECT member_id
FROM erasure_requests
WHERE due_at <= $1
ORDER BY due_at
LIMIT $2;

-- name: take_erasure_request one
DELETE FROM erasure_requests
WHERE member_id = $1 AND due_at <= $2
RETURNING program_id;

-- name: withdraw_erasure_request one
DELETE FROM erasure_requests
WHERE member_id = $1;

-- name: find_program one
SELECT program_id
FROM members
WHERE member_id = $1;

-- name: delete_devices batch
DELETE FROM devices
WHERE member_id = ANY ($1);

-- name: schedule_second_erasure batch
INSERT INTO erasures (member_id, due_at)
SELECT member_id, $2
FROM unnest($1::uuid[]) AS erased (member_id)
ORDER BY member_id
ON CONFLICT (member_id) DO NOTHING;

-- name: find_due_erasures fan-out hourly
SELECT member_id
FROM erasures
WHERE due_at <= $1
ORDER BY due_at
LIMIT $2;

-- name: schedule_another_try one
UPDATE erasures
SET due_at = $2
WHERE member_id = $1;

-- name: delete_erasures batch
DELETE FROM erasures
WHERE member_id = ANY ($1);
