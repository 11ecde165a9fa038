-- name: list_signing_keys local
SELECT program_id, key_id, public_key, sealed_private_key, created_at, signs_from, revoked_at
FROM card_signing_keys
WHERE program_id = ANY ($1)
ORDER BY signs_from, created_at, key_id;

-- name: insert_signing_key local
INSERT INTO card_signing_keys (program_id, key_id, public_key, sealed_private_key, created_at, signs_from)
VALUES (:program_id, :key_id, :public_key, :sealed_private_key, :created_at, :signs_from);

-- name: revoke_signing_key local
UPDATE card_signing_keys
SET revoked_at = $3
WHERE program_id = $1 AND key_id = $2 AND revoked_at IS NULL
RETURNING key_id;
