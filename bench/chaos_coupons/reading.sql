-- name: read_coupons
SELECT id::text, member_id::text, campaign_id::text, period_key, store_id::text, business_day::text,
       extract(epoch FROM event_at)::float8 AS event_s
FROM coupons;

-- name: read_redeemed
SELECT coupon_id::text AS id
FROM redemptions
WHERE till_id IS NOT NULL;

-- name: read_messages
SELECT coupon_id::text AS id
FROM outbox;
