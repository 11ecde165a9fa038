-- name: upsert_permit one
-- The newest one counts.
INSERT INTO contact_permits (member_id, id, program_id, code_hash, created_at, expires_at)
VALUES (:member_id, :id, :program_id, :code_hash, :created_at, :expires_at)
ON CONFLICT (member_id) DO UPDATE
SET id = excluded.id, code_hash = excluded.code_hash, attempts = 0, created_at = excluded.created_at,
    expires_at = excluded.expires_at;

-- name: count_permit_attempt one
-- One statement counts and reads, as `count_attempt` of verifications.
UPDATE contact_permits
SET attempts = attempts + 1
WHERE member_id = $1 AND attempts < $2 AND expires_at > $3
RETURNING id, code_hash, attempts;

-- name: delete_permit one
DELETE FROM contact_permits
WHERE member_id = $1;

-- name: purge_permits fan-out hourly
DELETE FROM contact_permits
WHERE created_at < $1;
