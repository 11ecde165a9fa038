-- name: read_redeemable
-- Of a member who is blocked or has gone nothing is found. The lock: no campaign is withdrawn between this and our
-- commit, so that the withdrawal's count is right (withdrawals.sql).
SELECT w.store_id, c.member_id, c.id AS coupon_id, c.program_id, c.campaign_id, c.expires_at, r.redeemed_at,
       k.offer, s.name AS store_name,
       r.moved_to IS NOT NULL AS is_moved, r.undone_scan_id IS NOT NULL AS is_undone,
       r.had_as IS NOT NULL AS is_had,
       CASE WHEN k.withdrawn_at < c.expires_at THEN k.withdrawn_at END AS withdrawn_at, k.withdrawal_reason,
       k.all_stores OR EXISTS (SELECT FROM campaign_stores s WHERE s.campaign_id = k.id AND s.store_id = w.store_id)
           AS is_store_covered
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS w (member_id, coupon_id, store_id)
JOIN coupons c ON (c.member_id, c.id) = (w.member_id, w.coupon_id)
JOIN members m ON m.member_id = c.member_id AND m.state IN ('active', 'merged')
JOIN campaigns k ON k.id = c.campaign_id
LEFT JOIN stores s ON s.id = c.store_id
LEFT JOIN redemptions r ON (r.member_id, r.coupon_id) = (c.member_id, c.id)
FOR SHARE OF k;

-- name: insert_redemptions
INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, till_id, redemption_id, redeemed_at)
SELECT *
FROM unnest(:member_id::uuid[], :coupon_id::uuid[], :program_id::uuid[], :campaign_id::uuid[], :store_id::uuid[],
            :till_id::uuid[], :redemption_id::uuid[], :redeemed_at::timestamptz[])
     AS new (member_id, coupon_id, program_id, campaign_id, store_id, till_id, redemption_id, redeemed_at)
ORDER BY member_id, coupon_id
ON CONFLICT (member_id, coupon_id) DO NOTHING
RETURNING coupon_id;

-- name: find_till_redemption
SELECT redemption_id AS id, member_id, coupon_id, redeemed_at, NULL::timestamptz AS undone_at
FROM redemptions
WHERE member_id = $1 AND redemption_id = $2 AND till_id = $3
UNION ALL
SELECT redemption_id, member_id, coupon_id, redeemed_at, undone_at
FROM undone_redemptions
WHERE member_id = $1 AND redemption_id = $2 AND till_id = $3;

-- name: find_newer_redemption
SELECT redemption_id
FROM redemptions
WHERE till_id = $1 AND (redeemed_at, redemption_id) > ($2, $3)
LIMIT 1;

-- name: undo_redemption
-- Whoever comes second waits here for the first, and finds it done.
WITH taken_back AS (
    DELETE FROM redemptions
    WHERE member_id = $1 AND coupon_id = $2 AND redemption_id = $3
    RETURNING member_id, redemption_id, coupon_id, campaign_id, store_id, till_id, redeemed_at
)
INSERT INTO undone_redemptions (member_id, redemption_id, coupon_id, campaign_id, store_id, till_id, redeemed_at, undone_at)
SELECT member_id, redemption_id, coupon_id, campaign_id, store_id, till_id, redeemed_at, $4
FROM taken_back
RETURNING redemption_id;

-- name: is_coupon_usable
SELECT c.expires_at > $3
       AND k.withdrawn_at IS NULL
       AND NOT EXISTS (SELECT FROM redemptions r WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id)) AS is_usable
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
WHERE c.member_id = $1 AND c.id = $2;
