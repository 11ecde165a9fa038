-- name: read_store_names reference
SELECT id, name
FROM stores
WHERE program_id = $1;
