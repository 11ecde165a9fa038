-- name: list_groups
SELECT DISTINCT unnest(store_groups) AS store_group
FROM stores
WHERE program_id = $1 AND closed_at IS NULL
ORDER BY 1
LIMIT 200;

-- name: list_runs_by_hand
SELECT campaign_id, due_at
FROM campaign_runs
WHERE program_id = $1 AND due_at >= $2 AND due_at < $3 AND started_by IS NOT NULL;

-- name: list_other_campaigns
-- Of whose coupons one may tell that they expire.
SELECT id, name
FROM campaigns
WHERE program_id = $1 AND id <> $2 AND state <> 'ended'
ORDER BY id DESC
LIMIT 200;
