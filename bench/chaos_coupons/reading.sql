-- name: read_coupons fan-out bench
SELECT id::text, member_id::text, campaign_id::text, period_key, store_id::text, business_day::text,
       extract(epoch FROM event_at)::float8 AS event_s
FROM coupons;

-- name: read_redeemed fan-out bench
SELECT coupon_id::text AS id
FROM redemptions
WHERE till_id IS NOT NULL;

-- name: read_messages fan-out bench
SELECT coupon_id::text AS id
FROM outbox;

-- name: read_receipts fan-out bench
SELECT reservation_id::text AS reservation, coupon_id::text AS coupon
FROM redemptions
WHERE till_id IS NOT NULL AND reservation_id IS NOT NULL;

-- name: list_last_coupons fan-out bench
-- The oldest of them first.
SELECT member_id, id, store_id
FROM (SELECT member_id, id, store_id FROM coupons ORDER BY id DESC LIMIT $1) last_ones
ORDER BY id;
