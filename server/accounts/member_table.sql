-- name: read_store_names
SELECT id, name
FROM stores
WHERE program_id = $1;
