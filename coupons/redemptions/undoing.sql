-- name: find_coupons one
SELECT c.id, c.campaign_id, g.definition -> 'trigger' ->> 'kind' AS trigger,
       (g.definition ->> 'min_trust_level')::int AS min_trust_level
FROM coupons c
JOIN campaign_versions g ON (g.campaign_id, g.version) = (c.campaign_id, c.campaign_version)
WHERE c.member_id = $1 AND c.id = ANY ($2);

-- name: end_coupons one
-- All uses that are left, those too that a till holds; the key of `redemptions` decides between this and a till that takes
-- one at the same moment.
-- Only a coupon of which all of them ended here ends as if it had never been issued.
WITH ended AS (
    INSERT INTO redemptions (member_id, coupon_id, use_no, uses, program_id, campaign_id, store_id, undone_scan_id,
                             redeemed_at)
    SELECT c.member_id, c.id, use_no, c.uses, c.program_id, c.campaign_id, c.store_id, $3, $4
    FROM coupons c
    CROSS JOIN generate_series(1, c.uses) AS use_no
    WHERE c.member_id = $1 AND c.id = ANY ($2)
    ORDER BY c.id, use_no
    ON CONFLICT (member_id, coupon_id, use_no) DO UPDATE
    SET undone_scan_id = excluded.undone_scan_id, store_id = excluded.store_id, redeemed_at = excluded.redeemed_at,
        held_until = NULL, reservation_id = NULL
    WHERE redemptions.held_until IS NOT NULL
    RETURNING coupon_id, campaign_id, uses
)
SELECT coupon_id, campaign_id
FROM ended
GROUP BY coupon_id, campaign_id, uses
HAVING count(*) = uses;

-- name: list_periods_of_aliases fan-out rarely
-- What those who became the member ($1) have had of periods.
SELECT had.campaign_id, had.period_key
FROM members gone
JOIN coupons had ON had.member_id = gone.member_id AND had.period_key NOT LIKE '%:%'
WHERE gone.merged_into = $1
  AND NOT EXISTS (
      SELECT
      FROM redemptions r
      WHERE (r.member_id, r.coupon_id) = (had.member_id, had.id)
        AND (r.moved_to IS NOT NULL OR r.undone_scan_id IS NOT NULL)
  );

-- name: free_period_keys one
-- So that the member may earn the same again; not where they have had it as somebody who became them ($3, $4).
UPDATE coupons c
SET period_key = 'undone:' || c.id::text
WHERE c.member_id = $1 AND c.id = ANY ($2)
  AND (c.campaign_id, c.period_key) NOT IN (SELECT * FROM unnest($3::uuid[], $4::text[]));

-- name: count_places one
SELECT campaign_id, store_id, business_day, count(*) AS places
FROM coupons
WHERE member_id = $1 AND id = ANY ($2)
GROUP BY campaign_id, store_id, business_day;

-- name: give_places_back local
-- As slices of their own, so that nobody is waited for.
INSERT INTO slices (budget_id, free)
SELECT b.id, sum(c.places)
FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::bigint[]) AS c (campaign_id, store_id, business_day, places)
JOIN budgets b ON b.campaign_id = c.campaign_id AND (b.store_id IS NULL OR b.store_id = c.store_id)
    AND (b.day IS NULL OR b.day = c.business_day)
GROUP BY b.id
ORDER BY b.id;
