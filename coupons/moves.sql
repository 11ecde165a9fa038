-- name: end_moving_coupons
-- The key of `redemptions` decides between this and a till that redeems one at the same moment.
WITH ended AS (
    INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, moved_to, redeemed_at)
    SELECT c.member_id, c.id, c.program_id, c.campaign_id, c.store_id, $2, $3
    FROM coupons c
    JOIN campaigns k ON k.id = c.campaign_id
    WHERE c.member_id = $1 AND c.expires_at > $3 AND k.withdrawn_at IS NULL
      AND NOT EXISTS (SELECT FROM redemptions r WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id))
    ORDER BY c.id
    ON CONFLICT (member_id, coupon_id) DO NOTHING
    RETURNING member_id, coupon_id
)
SELECT c.program_id, c.campaign_id, c.period_key, c.store_id, c.event_at, c.expires_at
FROM ended e
JOIN coupons c ON (c.member_id, c.id) = (e.member_id, e.coupon_id)
ORDER BY c.campaign_id, c.period_key;

-- name: end_second_coupons
-- Of a period in which one who became the survivor ($1) has used theirs: it was the person's. Keys with a colon name what
-- one member earned, not a period.
INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, had_as, redeemed_at)
SELECT DISTINCT ON (c.id) c.member_id, c.id, c.program_id, c.campaign_id, c.store_id, used.member_id, $2
FROM coupons c
JOIN coupons used ON (used.campaign_id, used.period_key) = (c.campaign_id, c.period_key)
JOIN members gone ON gone.member_id = used.member_id AND gone.merged_into = c.member_id
JOIN redemptions r ON (r.member_id, r.coupon_id) = (used.member_id, used.id) AND r.till_id IS NOT NULL
WHERE c.member_id = $1 AND c.expires_at > $2 AND c.period_key NOT LIKE '%:%'
ORDER BY c.id, used.member_id
ON CONFLICT (member_id, coupon_id) DO NOTHING;

-- name: list_had_periods
-- What $1 was given and the survivor $2 was not: used, over, or taken over from somebody else before.
SELECT c.program_id, c.campaign_id, c.period_key, c.store_id, c.event_at, c.issued_at, c.expires_at,
       coalesce(r.had_as, c.member_id) AS had_as
FROM coupons c
LEFT JOIN redemptions r ON (r.member_id, r.coupon_id) = (c.member_id, c.id)
WHERE c.member_id = $1 AND c.period_key NOT LIKE '%:%' AND r.moved_to IS NULL AND r.undone_scan_id IS NULL
  AND NOT EXISTS (
      SELECT FROM coupons s WHERE (s.member_id, s.campaign_id, s.period_key) = ($2, c.campaign_id, c.period_key)
  )
ORDER BY c.campaign_id, c.period_key;

-- name: end_had_coupons
INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, had_as, redeemed_at)
SELECT c.member_id, c.id, c.program_id, c.campaign_id, c.store_id, had.had_as, :now
FROM unnest(:coupon_id::uuid[], :had_as::uuid[]) AS had (coupon_id, had_as)
JOIN coupons c ON (c.member_id, c.id) = (:member_id, had.coupon_id);
