-- name: list_groups reference
SELECT DISTINCT unnest(store_groups) AS store_group
FROM stores
WHERE program_id = $1 AND closed_at IS NULL
ORDER BY 1
LIMIT 200;

-- name: list_runs_by_hand local
SELECT campaign_id, due_at
FROM campaign_runs
WHERE program_id = $1 AND due_at >= $2 AND due_at < $3 AND started_by IS NOT NULL;

-- name: find_stores_to_tick reference
-- Those that are ticked first, also closed ones; then, by a part of their name, the beginning of their code or their
-- group, the newest.
SELECT id, name
FROM stores
WHERE program_id = :program_id AND (:only::uuid[] IS NULL OR id = ANY (:only))
  AND (id = ANY (:ticked)
       OR closed_at IS NULL
          AND (:sought = '' OR strpos(lower(name), lower(:sought)) > 0 OR strpos(lower(code), lower(:sought)) = 1
               OR :sought = ANY (store_groups)))
ORDER BY id = ANY (:ticked) DESC, id DESC
LIMIT :limit;

-- name: find_audiences_to_choose reference
SELECT id, name, version
FROM audiences
WHERE program_id = :program_id AND removed_at IS NULL
  AND (id = ANY (:chosen) OR strpos(lower(name), lower(:sought)) > 0 OR :sought = '')
ORDER BY id = ANY (:chosen) DESC, id DESC
LIMIT :limit;

-- name: find_campaigns_to_choose reference
-- Of all, or of one trigger.
SELECT id, name
FROM campaigns
WHERE program_id = :program_id AND id <> :but AND (:trigger::text IS NULL OR trigger = :trigger)
  AND (id = ANY (:chosen) OR state <> 'ended' AND (strpos(lower(name), lower(:sought)) > 0 OR :sought = ''))
ORDER BY id = ANY (:chosen) DESC, id DESC
LIMIT :limit;
