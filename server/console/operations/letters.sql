-- name: name_campaigns reference
SELECT id, name
FROM campaigns
WHERE program_id = $1 AND id = ANY ($2);
