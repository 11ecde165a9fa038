-- name: insert_members
INSERT INTO members (member_id, program_id, state, locale, location_consent, push_consent, created_at)
SELECT member_id, program_id, 'active', locale, location_consent, push_consent, created_at
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bool[], $5::bool[], $6::timestamptz[])
     AS new (member_id, program_id, locale, location_consent, push_consent, created_at);

-- name: insert_consents
INSERT INTO consents (member_id, id, purpose, granted, text_version, source, at)
SELECT *
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bool[], $5::text[], $6::text[], $7::timestamptz[]);

-- name: set_current_consents
UPDATE members
SET location_consent = coalesce($2, location_consent), push_consent = coalesce($3, push_consent)
WHERE member_id = $1;

-- name: list_current_consents
SELECT DISTINCT ON (purpose) purpose, granted, text_version, source, at
FROM consents
WHERE member_id = $1
ORDER BY purpose, id DESC;

-- name: find_member
SELECT member_id, program_id, state, locale, location_consent, push_consent, created_at
FROM members
WHERE member_id = $1;

-- name: list_members
SELECT m.member_id, m.state, m.locale, m.location_consent, m.push_consent, m.created_at, c.number AS card_number
FROM members m
LEFT JOIN cards c ON c.member_id = m.member_id AND c.state = 'active'
WHERE m.program_id = $1 AND m.member_id < $2
ORDER BY m.member_id DESC
LIMIT $3;

-- name: claim_handle
INSERT INTO handles (program_id, kind, value_hash, member_id, device_id)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (program_id, kind, value_hash) DO NOTHING
RETURNING member_id;

-- name: claim_handles
INSERT INTO handles (program_id, kind, value_hash, member_id)
SELECT program_id, $2, value_hash, member_id
FROM unnest($1::uuid[], $3::bytea[], $4::uuid[]) AS new (program_id, value_hash, member_id)
ORDER BY program_id, value_hash
ON CONFLICT (program_id, kind, value_hash) DO NOTHING
RETURNING member_id;

-- name: take_handle
UPDATE handles
SET member_id = $4, device_id = $5
WHERE program_id = $1 AND kind = $2 AND value_hash = $3;

-- name: find_handle
SELECT member_id, device_id
FROM handles
WHERE program_id = $1 AND kind = $2 AND value_hash = $3
FOR UPDATE;

-- name: find_members_by_handles
SELECT program_id, value_hash, member_id
FROM handles
WHERE kind = $1 AND (program_id, value_hash) IN (SELECT * FROM unnest($2::uuid[], $3::bytea[]));
