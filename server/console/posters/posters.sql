-- name: find_call_number reference
-- The newest that is answered.
SELECT number
FROM call_numbers
WHERE program_id = $1 AND store_id = $2 AND ended_at IS NULL
ORDER BY id DESC
LIMIT 1;
