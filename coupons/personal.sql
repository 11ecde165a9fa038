-- What this package holds about a person: $1 are the member and all who became them.

-- name: export_coupons
SELECT c.member_id, c.id, c.campaign_id, k.name AS campaign, c.period_key, c.store_id, c.event_at, c.issued_at, c.expires_at
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
WHERE c.member_id = ANY ($1)
ORDER BY c.member_id, c.id;

-- name: export_redemptions
SELECT member_id, coupon_id, campaign_id, store_id, till_id, moved_to, undone_scan_id, redeemed_at
FROM redemptions
WHERE member_id = ANY ($1)
ORDER BY member_id, coupon_id;

-- name: erase_coupons
-- Ended, and known to the month only: when they were earned tells where the member was. Keys of periods name days.
UPDATE coupons
SET period_key = 'erased:' || id::text, event_at = date_trunc('month', issued_at, 'UTC'),
    issued_at = date_trunc('month', issued_at, 'UTC'),
    expires_at = date_trunc('month', issued_at, 'UTC') + interval '1 s'
WHERE member_id = ANY ($1);

-- name: erase_undone_scans
-- Which scan it was is gone; that the coupon ended with one stays.
UPDATE redemptions
SET undone_scan_id = coupon_id
WHERE member_id = ANY ($1) AND undone_scan_id IS NOT NULL;
