-- name: list_store_results fan-out page
-- A campaign's at each store by business days, of a page of stores that had any: the newest stores first.
-- A coupon that moved to another member was issued once; one of which no use is left and none was made at a till, never,
-- but for one that the staff have voided.
WITH gone AS (
    SELECT member_id, coupon_id
    FROM redemptions
    WHERE campaign_id = :campaign_id AND held_until IS NULL
    GROUP BY member_id, coupon_id, uses
    HAVING bool_or(moved_to IS NOT NULL) OR count(*) FILTER (WHERE till_id IS NULL AND void_id IS NULL) = uses
), issued AS (
    SELECT store_id, business_day AS day, count(*) AS issued, count(DISTINCT member_id) AS issued_to
    FROM coupons c
    WHERE campaign_id = :campaign_id AND business_day BETWEEN :from_day AND :to_day AND store_id < :before
      AND (:store_ids::uuid[] IS NULL OR store_id = ANY (:store_ids))
      AND NOT EXISTS (SELECT FROM gone g WHERE g.member_id = c.member_id AND g.coupon_id = c.id)
    GROUP BY store_id, business_day
), used AS MATERIALIZED (
    SELECT r.store_id, u.day, r.member_id, r.reservation_id
    FROM redemptions r
    JOIN stores s ON s.id = r.store_id
    CROSS JOIN LATERAL (SELECT ((r.redeemed_at AT TIME ZONE s.time_zone)
                                - make_interval(hours => s.day_start_hour::int))::date AS day) u
    WHERE r.campaign_id = :campaign_id AND r.till_id IS NOT NULL AND r.store_id < :before
      AND r.redeemed_at BETWEEN :from_day::date - interval '1 day' AND :to_day::date + interval '3 days'
      AND u.day BETWEEN :from_day AND :to_day AND (:store_ids::uuid[] IS NULL OR r.store_id = ANY (:store_ids))
), redeemed AS (
    SELECT store_id, day, count(*) AS redeemed, count(DISTINCT member_id) AS redeemed_by
    FROM used
    GROUP BY store_id, day
), sold AS (
    SELECT receipt.store_id, receipt.day, sum(v.amount - v.discount - v.refunded)::bigint AS sales
    FROM (SELECT DISTINCT store_id, day, member_id, reservation_id FROM used) receipt
    JOIN reservations v ON v.member_id = receipt.member_id AND v.id = receipt.reservation_id
    GROUP BY receipt.store_id, receipt.day
), page AS (
    SELECT DISTINCT store_id
    FROM (SELECT store_id FROM issued UNION ALL SELECT store_id FROM redeemed) any_of
    ORDER BY store_id DESC
    LIMIT :stores
)
SELECT store_id, s.name AS store_name, day, coalesce(issued, 0) AS issued, coalesce(issued_to, 0) AS issued_to,
       coalesce(redeemed, 0) AS redeemed, coalesce(redeemed_by, 0) AS redeemed_by, coalesce(sales, 0) AS sales
FROM issued
FULL JOIN redeemed USING (store_id, day)
LEFT JOIN sold USING (store_id, day)
JOIN page USING (store_id)
JOIN stores s ON s.id = store_id
ORDER BY store_id DESC, day;
