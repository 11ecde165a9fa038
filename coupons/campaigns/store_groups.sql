-- name: settle_store_groups reference
-- Which stores the campaigns of a program have by their groups, as its stores are now; and the campaigns of which that
-- has changed get its version ($2), so that every process reads them again. An ended one stays as it was.
WITH grouped AS MATERIALIZED (
    SELECT id, store_groups
    FROM campaigns
    WHERE program_id = $1 AND store_groups <> '{}' AND state <> 'ended'
), wanted AS MATERIALIZED (
    SELECT g.id AS campaign_id, s.id AS store_id
    FROM grouped g
    JOIN stores s ON s.program_id = $1 AND s.store_groups && g.store_groups
), gone AS (
    DELETE FROM campaign_stores k
    USING grouped g
    WHERE k.campaign_id = g.id AND NOT k.is_named
      AND NOT EXISTS (SELECT FROM wanted w WHERE (w.campaign_id, w.store_id) = (k.campaign_id, k.store_id))
    RETURNING k.campaign_id
), joined AS (
    INSERT INTO campaign_stores (campaign_id, store_id, is_named)
    SELECT campaign_id, store_id, false
    FROM wanted
    ON CONFLICT (campaign_id, store_id) DO NOTHING
    RETURNING campaign_id
)
UPDATE campaigns c
SET version = $2
WHERE c.id IN (SELECT campaign_id FROM gone UNION SELECT campaign_id FROM joined);
