-- name: read_redeemable
-- Of a member who is blocked or has gone nothing is found.
SELECT w.store_id, c.member_id, c.id AS coupon_id, c.program_id, c.campaign_id, c.expires_at, r.redeemed_at,
       k.offer, s.name AS store_name,
       r.moved_to IS NOT NULL AS is_moved, r.undone_scan_id IS NOT NULL AS is_undone,
       r.had_as IS NOT NULL AS is_had,
       k.all_stores OR EXISTS (SELECT FROM campaign_stores s WHERE s.campaign_id = k.id AND s.store_id = w.store_id)
           AS is_store_covered
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS w (member_id, coupon_id, store_id)
JOIN coupons c ON (c.member_id, c.id) = (w.member_id, w.coupon_id)
JOIN members m ON m.member_id = c.member_id AND m.state IN ('active', 'merged')
JOIN campaigns k ON k.id = c.campaign_id
LEFT JOIN stores s ON s.id = c.store_id
LEFT JOIN redemptions r ON (r.member_id, r.coupon_id) = (c.member_id, c.id);

-- name: insert_redemptions
INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, till_id, redeemed_at)
SELECT *
FROM unnest(:member_id::uuid[], :coupon_id::uuid[], :program_id::uuid[], :campaign_id::uuid[], :store_id::uuid[],
            :till_id::uuid[], :redeemed_at::timestamptz[])
     AS new (member_id, coupon_id, program_id, campaign_id, store_id, till_id, redeemed_at)
ORDER BY member_id, coupon_id
ON CONFLICT (member_id, coupon_id) DO NOTHING
RETURNING coupon_id;
