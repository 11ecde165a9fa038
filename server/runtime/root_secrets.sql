-- name: find_sealed_root local
SELECT sealed_root FROM root_secrets WHERE key_id = $1;

-- name: lock_root_secrets local
-- Two processes that start on an empty database may not each make a root.
LOCK TABLE root_secrets IN SHARE ROW EXCLUSIVE MODE;

-- name: list_key_ids local
SELECT key_id FROM root_secrets ORDER BY created_at;

-- name: add_sealed_root local
INSERT INTO root_secrets (key_id, sealed_root, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: drop_other_keys local
DELETE FROM root_secrets WHERE key_id <> $1 RETURNING key_id;
