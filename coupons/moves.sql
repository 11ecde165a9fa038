-- name: end_moving_coupons one
-- All uses that are left, those too that a till holds; the key of `redemptions` decides between this and a till that takes
-- one at the same moment.
WITH ended AS (
    INSERT INTO redemptions (member_id, coupon_id, use_no, uses, program_id, campaign_id, store_id, moved_to, redeemed_at)
    SELECT c.member_id, c.id, n, c.uses, c.program_id, c.campaign_id, c.store_id, $2, $3
    FROM coupons c
    JOIN campaigns k ON k.id = c.campaign_id
    CROSS JOIN generate_series(1, c.uses) AS n
    WHERE c.member_id = $1 AND c.expires_at > $3 AND k.withdrawn_at IS NULL
      AND NOT EXISTS (SELECT FROM redemptions r
                      WHERE (r.member_id, r.coupon_id, r.use_no) = (c.member_id, c.id, n) AND r.member_id = $1
                        AND r.held_until IS NULL)
    ORDER BY c.id, n
    ON CONFLICT (member_id, coupon_id, use_no) DO UPDATE
    SET moved_to = excluded.moved_to, store_id = excluded.store_id, redeemed_at = excluded.redeemed_at,
        held_until = NULL, reservation_id = NULL
    WHERE redemptions.held_until IS NOT NULL
    RETURNING member_id, coupon_id
)
SELECT c.program_id, c.campaign_id, c.period_key, c.store_id, c.event_at, c.business_day, c.expires_at,
       c.campaign_version, c.variant_version, c.uses, e.uses_left
FROM (SELECT member_id, coupon_id, count(*)::int AS uses_left FROM ended GROUP BY member_id, coupon_id) e
JOIN coupons c ON (c.member_id, c.id) = (e.member_id, e.coupon_id) AND c.member_id = $1
ORDER BY c.campaign_id, c.period_key;

-- name: list_uses_of_aliases fan-out rarely
-- What those who became the survivor ($1) have used of periods' coupons.
SELECT had.campaign_id, had.period_key, count(*) AS times, (array_agg(r.member_id ORDER BY r.member_id))[1] AS member_id
FROM members gone
JOIN coupons had ON had.member_id = gone.member_id AND had.period_key NOT LIKE '%:%'
JOIN redemptions r ON (r.member_id, r.coupon_id) = (had.member_id, had.id) AND r.till_id IS NOT NULL
WHERE gone.merged_into = $1
GROUP BY had.campaign_id, had.period_key;

-- name: end_second_uses one
-- A period's coupon is once a person, with all its uses: as many as those who became the survivor have used of theirs
-- (`list_uses_of_aliases`) end here, as far as they have not before. Keys with a colon name what one member earned, not a
-- period.
INSERT INTO redemptions (member_id, coupon_id, use_no, uses, program_id, campaign_id, store_id, had_as, redeemed_at)
SELECT c.member_id, c.id, free.use_no, c.uses, c.program_id, c.campaign_id, c.store_id, used.member_id, :now
FROM coupons c
JOIN unnest(:campaign_id::uuid[], :period_key::text[], :times::bigint[], :had_as::uuid[])
     AS used (campaign_id, period_key, times, member_id)
     ON (used.campaign_id, used.period_key) = (c.campaign_id, c.period_key)
CROSS JOIN LATERAL (
    SELECT n AS use_no
    FROM generate_series(1, c.uses) AS n
    WHERE NOT EXISTS (SELECT FROM redemptions r
                      WHERE (r.member_id, r.coupon_id, r.use_no) = (:survivor_id, c.id, n) AND r.held_until IS NULL)
    ORDER BY n DESC
    LIMIT greatest(0, used.times - (SELECT count(*) FROM redemptions r
                                    WHERE (r.member_id, r.coupon_id) = (:survivor_id, c.id) AND r.had_as IS NOT NULL))
) free
WHERE c.member_id = :survivor_id AND c.expires_at > :now
ORDER BY c.id, free.use_no
ON CONFLICT (member_id, coupon_id, use_no) DO UPDATE
SET had_as = excluded.had_as, store_id = excluded.store_id, redeemed_at = excluded.redeemed_at, held_until = NULL,
    reservation_id = NULL
WHERE redemptions.held_until IS NOT NULL;

-- name: list_periods one
SELECT campaign_id, period_key
FROM coupons
WHERE member_id = $1 AND period_key NOT LIKE '%:%';

-- name: list_had_periods one
-- What $1 was given and the survivor, who has the periods of $2 and $3, was not: used, over, or taken over from somebody
-- else before.
SELECT c.program_id, c.campaign_id, c.period_key, c.store_id, c.event_at, c.business_day, c.issued_at,
       c.expires_at, c.campaign_version, c.variant_version, c.uses, coalesce((SELECT (array_agg(r.had_as ORDER BY r.had_as))[1] FROM redemptions r
                         WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.member_id = $1), c.member_id) AS had_as
FROM coupons c
WHERE c.member_id = $1 AND c.period_key NOT LIKE '%:%'
  AND NOT EXISTS (
      SELECT FROM redemptions r
      WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.member_id = $1
        AND (r.moved_to IS NOT NULL OR r.undone_scan_id IS NOT NULL)
  )
  AND (c.campaign_id, c.period_key) NOT IN (SELECT * FROM unnest($2::uuid[], $3::text[]))
ORDER BY c.campaign_id, c.period_key;

-- name: end_had_coupons one
INSERT INTO redemptions (member_id, coupon_id, use_no, uses, program_id, campaign_id, store_id, had_as, redeemed_at)
SELECT c.member_id, c.id, use_no, c.uses, c.program_id, c.campaign_id, c.store_id, had.had_as, :now
FROM unnest(:coupon_id::uuid[], :had_as::uuid[]) AS had (coupon_id, had_as)
JOIN coupons c ON (c.member_id, c.id) = (:member_id, had.coupon_id)
CROSS JOIN generate_series(1, c.uses) AS use_no;
