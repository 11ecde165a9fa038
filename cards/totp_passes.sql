-- name: insert_totp_pass one
INSERT INTO totp_passes (member_id, id, program_id, kind, sealed_secret, created_at)
VALUES (:member_id, :id, :program_id, :kind, :sealed_secret, :created_at);

-- name: revoke_totp_passes one
UPDATE totp_passes
SET revoked_at = $3
WHERE member_id = $1 AND ($2::text IS NULL OR kind = $2) AND revoked_at IS NULL;

-- name: find_totp_passes batch
SELECT member_id, id, program_id, kind, sealed_secret, created_at
FROM totp_passes
WHERE (member_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) /* spread: AND member_id = ANY ($1) */ AND revoked_at IS NULL;
