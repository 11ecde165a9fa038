-- name: insert_password_reset local
INSERT INTO password_resets (token_hash, staff_id, created_at, expires_at)
VALUES ($1, $2, $3, $4);

-- name: find_password_reset local
SELECT s.program_id, s.id AS staff_id
FROM password_resets r
JOIN staff s ON s.id = r.staff_id
WHERE r.token_hash = $1 AND r.expires_at > $2 AND s.disabled_at IS NULL;

-- name: use_password_reset local
-- Whoever changes a password locks the row of the person first, and then these.
DELETE FROM password_resets
WHERE token_hash = $1 AND expires_at > $2
RETURNING staff_id;

-- name: purge_password_resets local
DELETE FROM password_resets
WHERE expires_at < $1;
