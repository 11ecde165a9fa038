-- name: read_told_coupons batch
-- What a message that changes its channel tells of: the coupon, with the words that it keeps.
SELECT c.member_id, c.id AS coupon_id, c.issued_at, c.expires_at, c.store_id, s.name AS store_name,
       coalesce(o.offer, v.offer) AS offer
FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, coupon_id)
JOIN coupons c ON (c.member_id, c.id) = (asked.member_id, asked.coupon_id) /* spread: AND c.member_id = ANY ($1) */
JOIN campaign_versions v ON (v.campaign_id, v.version) = (c.campaign_id, c.campaign_version)
LEFT JOIN variant_offers o ON (o.campaign_id, o.version) = (c.campaign_id, c.variant_version)
LEFT JOIN stores s ON s.id = c.store_id;
