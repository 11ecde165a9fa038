-- name: insert_till
INSERT INTO tills (id, program_id, store_id, name, key_hash, created_at)
VALUES (:id, :program_id, :store_id, :name, :key_hash, :created_at);

-- name: replace_till_key
UPDATE tills
SET key_hash = $3
WHERE program_id = $1 AND id = $2 AND revoked_at IS NULL
RETURNING id;

-- name: revoke_till
UPDATE tills
SET revoked_at = $3
WHERE program_id = $1 AND id = $2 AND revoked_at IS NULL
RETURNING id;

-- name: find_till
SELECT id, program_id, store_id, name, created_at, revoked_at
FROM tills
WHERE program_id = $1 AND id = $2;

-- name: list_tills
SELECT id, program_id, store_id, name, created_at, revoked_at
FROM tills
WHERE program_id = $1 AND id < $2 AND ($4::uuid[] IS NULL OR store_id = ANY ($4))
ORDER BY id DESC
LIMIT $3;

-- name: find_till_credentials
SELECT t.id, t.program_id, t.store_id, t.name, t.created_at, t.key_hash
FROM tills t
JOIN stores s ON s.id = t.store_id
WHERE t.id = ANY ($1) AND t.revoked_at IS NULL AND s.closed_at IS NULL;
