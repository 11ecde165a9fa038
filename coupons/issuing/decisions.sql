-- name: find_outcomes batch
-- Of what happened to these members ($1), by the rows that it stands on ($2).
SELECT source_id, campaign_id, outcome
FROM decisions
WHERE member_id = ANY ($1) AND source_id = ANY ($2) AND decided_at >= $3;

-- name: list_decisions batch
-- Of a person, at one store or at all, the newest first: on what happened and was decided in these times.
SELECT id, member_id, decided_at, program_id, campaign_id, campaign_version, trigger, source, source_id, store_id, event_at,
       outcome, inputs, coupon_id, variant
FROM decisions
WHERE member_id = ANY (:member_ids) AND campaign_id = :campaign_id
  AND (:store_id::uuid IS NULL OR store_id = :store_id)
  AND decided_at BETWEEN :from_at AND :decided_until
  AND event_at BETWEEN :from_at AND :to_at
ORDER BY decided_at DESC, id DESC
LIMIT :limit;

-- name: count_outcomes_at_store fan-out page
SELECT outcome, count(*) AS times
FROM decisions
WHERE campaign_id = :campaign_id AND decided_at BETWEEN :from_at AND :to_at AND store_id = :store_id
GROUP BY outcome
ORDER BY times DESC, outcome;

-- name: count_outcomes fan-out page
-- What has been counted, and what came since then.
SELECT outcome, sum(times)::bigint AS times
FROM (
    SELECT outcome, times
    FROM campaign_outcomes
    WHERE campaign_id = $1
    UNION ALL
    SELECT outcome, count(*)
    FROM decisions
    WHERE campaign_id = $1 AND decided_at >= coalesce((SELECT until FROM counted_decisions), '-infinity')
    GROUP BY outcome
) counted
GROUP BY outcome
ORDER BY outcome;

-- name: open_counting reference
INSERT INTO counted_decisions (until)
VALUES ($1)
ON CONFLICT (is_only) DO NOTHING;

-- name: hold_counting reference
SELECT until
FROM counted_decisions
FOR UPDATE;

-- name: count_decisions fan-out hourly
INSERT INTO campaign_outcomes AS held (campaign_id, day, outcome, times)
SELECT d.campaign_id, (d.decided_at AT TIME ZONE 'UTC')::date, d.outcome, count(*)
FROM decisions d
JOIN campaigns k ON k.id = d.campaign_id
WHERE d.decided_at >= $1 AND d.decided_at < $2
GROUP BY 1, 2, 3
ON CONFLICT (campaign_id, day, outcome) DO UPDATE
SET times = held.times + excluded.times;

-- name: move_counting reference
UPDATE counted_decisions
SET until = $1;
