-- name: find_outcomes batch
-- Of what happened to these members ($1), by the rows that it stands on ($2).
SELECT d.source_id, made.campaign_id, d.outcome
FROM decisions d
CROSS JOIN LATERAL unnest(d.campaign_ids) AS made (campaign_id)
WHERE d.member_id = ANY ($1) AND d.source_id = ANY ($2) AND d.decided_at >= $3;

-- name: list_decisions batch
-- Of a person, at one store or at all, the newest first: on what happened and was decided in these times.
SELECT d.id, d.member_id, d.decided_at, d.program_id, d.campaign_ids[d.place] AS campaign_id,
       d.campaign_versions[d.place] AS campaign_version, d.trigger, d.source, d.source_id, d.store_id, d.event_at, d.outcome,
       d.inputs -> (d.place - 1) AS inputs, d.coupon_ids[d.place] AS coupon_id, d.variants[d.place] AS variant
FROM (
    SELECT *, array_position(campaign_ids, :campaign_id) AS place
    FROM decisions
    WHERE member_id = ANY (:member_ids)
      AND (:store_id::uuid IS NULL OR store_id = :store_id)
      AND decided_at BETWEEN :from_at AND :decided_until
      AND event_at BETWEEN :from_at AND :to_at
) d
WHERE d.place IS NOT NULL
ORDER BY d.decided_at DESC, d.id DESC
LIMIT :limit;

-- name: count_outcomes_at_store fan-out page
SELECT outcome, count(*) AS times
FROM decisions
WHERE program_id = :program_id AND store_id = :store_id AND decided_at BETWEEN :from_at AND :to_at
  AND :campaign_id = ANY (campaign_ids)
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
    WHERE program_id = (SELECT program_id FROM campaigns WHERE id = $1)
      AND decided_at >= coalesce((SELECT until FROM counted_decisions), '-infinity')
      AND $1 = ANY (campaign_ids)
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
SELECT made.campaign_id, (d.decided_at AT TIME ZONE 'UTC')::date, d.outcome, count(*)
FROM decisions d
CROSS JOIN LATERAL unnest(d.campaign_ids) AS made (campaign_id)
JOIN campaigns k ON k.id = made.campaign_id
WHERE d.decided_at >= $1 AND d.decided_at < $2
GROUP BY 1, 2, 3
ON CONFLICT (campaign_id, day, outcome) DO UPDATE
SET times = held.times + excluded.times;

-- name: move_counting reference
UPDATE counted_decisions
SET until = $1;
