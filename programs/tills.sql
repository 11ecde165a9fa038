-- name: insert_till reference
INSERT INTO tills (id, program_id, store_id, name, key_hash, created_at)
VALUES (:id, :program_id, :store_id, :name, :key_hash, :created_at);

-- name: replace_till_key reference
-- A pairing code that was given out before ends with the former key.
UPDATE tills
SET key_hash = $3, pairing_code_hash = NULL, pairing_expires_at = NULL
WHERE program_id = $1 AND id = $2 AND revoked_at IS NULL
RETURNING id;

-- name: set_pairing_code reference
UPDATE tills
SET pairing_code_hash = :code_hash, pairing_expires_at = :expires_at
WHERE program_id = :program_id AND id = :till_id AND revoked_at IS NULL
RETURNING id;

-- name: take_pairing_code reference
-- The one statement spends the code and gives the key, so of many who send it at once one is answered.
UPDATE tills t
SET key_hash = :key_hash, pairing_code_hash = NULL, pairing_expires_at = NULL
FROM stores s, programs p
WHERE s.id = t.store_id AND p.id = t.program_id
    AND t.id = :till_id AND t.pairing_code_hash = :code_hash AND t.pairing_expires_at > :now
    AND p.code = :program_code AND t.revoked_at IS NULL AND s.closed_at IS NULL
RETURNING t.id, t.program_id, t.store_id, t.name, s.name AS store_name, s.time_zone;

-- name: revoke_till reference
UPDATE tills
SET revoked_at = $3, pairing_code_hash = NULL, pairing_expires_at = NULL
WHERE program_id = $1 AND id = $2 AND revoked_at IS NULL
RETURNING id;

-- name: find_till reference
SELECT id, program_id, store_id, name, created_at, revoked_at
FROM tills
WHERE program_id = $1 AND id = $2;

-- name: list_tills reference
SELECT id, program_id, store_id, name, created_at, revoked_at
FROM tills
WHERE program_id = $1 AND id < $2 AND ($4::uuid[] IS NULL OR store_id = ANY ($4))
ORDER BY id DESC
LIMIT $3;

-- name: find_till_credentials reference
SELECT t.id, t.program_id, t.store_id, t.name, t.created_at, t.key_hash
FROM tills t
WHERE t.id = ANY ($1) AND t.revoked_at IS NULL
  AND NOT EXISTS (SELECT FROM stores s WHERE s.id = t.store_id AND s.closed_at IS NOT NULL);
