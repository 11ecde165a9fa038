-- name: list_groups
SELECT DISTINCT unnest(store_groups) AS store_group
FROM stores
WHERE program_id = $1 AND closed_at IS NULL
ORDER BY 1
LIMIT 200;

-- name: list_other_campaigns
-- Of whose coupons one may tell that they expire.
SELECT id, name
FROM campaigns
WHERE program_id = $1 AND id <> $2 AND state <> 'ended'
ORDER BY id DESC
LIMIT 200;
