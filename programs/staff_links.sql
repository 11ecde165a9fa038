-- name: upsert_staff_link local
-- The newest is good, and no other of the kind.
INSERT INTO staff_links (staff_id, purpose, token_hash, created_at, expires_at)
VALUES (:staff_id, :purpose, :token_hash, :now, :expires_at)
ON CONFLICT (staff_id, purpose) DO UPDATE
SET token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at;

-- name: find_staff_link local
SELECT s.program_id, s.id AS staff_id, s.name, s.email
FROM staff_links l
JOIN staff s ON s.id = l.staff_id
WHERE l.token_hash = $1 AND l.purpose = $2 AND l.expires_at > $3 AND s.disabled_at IS NULL;

-- name: use_staff_link local
DELETE FROM staff_links
WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3
RETURNING staff_id;

-- name: list_invited local
SELECT staff_id, expires_at
FROM staff_links
WHERE staff_id = ANY ($1) AND purpose = 'invitation';

-- name: purge_staff_links local
DELETE FROM staff_links
WHERE expires_at < $1;
