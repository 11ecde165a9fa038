-- name: count_by_day fan-out page
-- Of the program's stores, or of `store_ids`, by days of the program's clock: visits and scans by their evidence, coupons by
-- the decision that issued them, uses at tills. Ids grow with time: what is older than `oldest_id` is left out by the key.
WITH places AS MATERIALIZED (
    SELECT id FROM stores WHERE program_id = :program_id AND (:store_ids::uuid[] IS NULL OR id = ANY (:store_ids))
), seen AS (
    SELECT (e.at AT TIME ZONE :zone)::date AS day, e.member_id, e.store_id, e.business_day, e.till_id
    FROM places p
    JOIN visit_evidence e ON e.store_id = p.id AND e.id >= :oldest_id
    WHERE e.undone_at IS NULL AND e.at >= :from_at
)
SELECT day, sum(visits)::bigint AS visits, sum(scans)::bigint AS scans, sum(coupons)::bigint AS coupons,
       sum(uses)::bigint AS uses
FROM (
    SELECT day, count(DISTINCT (member_id, store_id, business_day)) AS visits,
           count(*) FILTER (WHERE till_id IS NOT NULL) AS scans, 0 AS coupons, 0 AS uses
    FROM seen
    GROUP BY day
    UNION ALL
    SELECT (d.decided_at AT TIME ZONE :zone)::date, 0, 0, sum(cardinality(d.campaign_ids)), 0
    FROM decisions d
    WHERE d.program_id = :program_id AND d.outcome = 'issued' AND d.decided_at >= :from_at
      AND (:store_ids::uuid[] IS NULL OR d.store_id = ANY (:store_ids))
    GROUP BY 1
    UNION ALL
    SELECT (r.redeemed_at AT TIME ZONE :zone)::date, 0, 0, 0, count(*)
    FROM campaigns k
    JOIN redemptions r ON r.campaign_id = k.id AND r.redeemed_at >= :from_at AND r.till_id IS NOT NULL
    WHERE k.program_id = :program_id AND (:store_ids::uuid[] IS NULL OR r.store_id = ANY (:store_ids))
    GROUP BY 1
) counted
GROUP BY day
ORDER BY day;

-- name: count_pushes_by_day fan-out page
SELECT (sent_at AT TIME ZONE :zone)::date AS day, count(*) AS pushes
FROM outbox
WHERE created_at >= :from_at::timestamptz - interval '2 days' AND sent_at >= :from_at AND program_id = :program_id
  AND channel = 'push' AND state = 'sent'
GROUP BY 1;
