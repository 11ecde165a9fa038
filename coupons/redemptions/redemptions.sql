-- name: hold_campaigns batch
-- None of them is withdrawn until our commit, so that the withdrawal's count is right (withdrawals.sql).
SELECT k.id
FROM unnest($1::uuid[], $2::uuid[]) AS w (member_id, coupon_id)
JOIN coupons c ON (c.member_id, c.id) = (w.member_id, w.coupon_id)
JOIN campaigns k ON k.id = c.campaign_id
WHERE c.member_id = ANY ($1)
FOR SHARE OF k;

-- name: read_redeemable batch
-- Of a member who is blocked or has gone nothing is found. What only adds a column is no join: the planner, which is asked each
-- time, would try it at every place.
SELECT w.store_id, c.member_id, c.id AS coupon_id, c.program_id, c.campaign_id, c.expires_at, c.uses,
       coalesce(o.offer, g.offer) AS offer, coalesce(o.benefit, g.benefit) AS benefit, g.conditions,
       (SELECT name FROM stores WHERE id = c.store_id) AS store_name, (SELECT time_zone FROM stores WHERE id = w.store_id) AS time_zone,
       r.redeemed_at, r.gone, r.held_until, r.is_moved, r.is_undone, r.is_had, r.voided_at,
       CASE WHEN k.withdrawn_at < c.expires_at THEN k.withdrawn_at END AS withdrawn_at, k.withdrawal_reason,
       k.all_stores OR EXISTS (SELECT FROM campaign_stores s WHERE s.campaign_id = k.id AND s.store_id = w.store_id)
           AS is_store_covered,
       (SELECT rank_code FROM member_ranks WHERE member_id = c.member_id /* spread: AND member_id = ANY ($1) */) AS rank
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS w (member_id, coupon_id, store_id)
JOIN coupons c ON (c.member_id, c.id) = (w.member_id, w.coupon_id)
JOIN members m ON m.member_id = c.member_id AND m.state IN ('active', 'merged')
JOIN campaigns k ON k.id = c.campaign_id
JOIN campaign_versions g ON (g.campaign_id, g.version) = (c.campaign_id, c.campaign_version)
LEFT JOIN variant_offers o ON (o.campaign_id, o.version) = (c.campaign_id, c.variant_version)
CROSS JOIN LATERAL (
    SELECT count(*)::int AS gone, max(redeemed_at) FILTER (WHERE till_id IS NOT NULL) AS redeemed_at,
           coalesce(bool_or(moved_to IS NOT NULL), false) AS is_moved,
           coalesce(bool_or(undone_scan_id IS NOT NULL), false) AS is_undone,
           coalesce(bool_or(had_as IS NOT NULL), false) AS is_had, min(held_until) AS held_until,
           min(redeemed_at) FILTER (WHERE void_id IS NOT NULL) AS voided_at
    FROM redemptions
    WHERE (member_id, coupon_id) = (c.member_id, c.id) /* spread: AND member_id = ANY ($1) */ AND (held_until IS NULL OR held_until > $4)
) r
WHERE c.member_id = ANY ($1) /* spread: AND m.member_id = ANY ($1) */;

-- name: take_uses batch
-- A use of each coupon: the first that is free, or is held no longer at :as_of. Who comes second of two for the same one is not in
-- the answer, and asks for the next, as long as there is one.
INSERT INTO redemptions (member_id, coupon_id, use_no, uses, program_id, campaign_id, store_id, till_id, redemption_id,
                         reservation_id, held_until, redeemed_at)
SELECT c.member_id, c.id, free.use_no, c.uses, c.program_id, c.campaign_id, new.store_id, new.till_id, new.redemption_id,
       new.reservation_id, new.held_until, new.taken_at
FROM unnest(:member_id::uuid[], :coupon_id::uuid[], :store_id::uuid[], :till_id::uuid[], :redemption_id::uuid[],
            :reservation_id::uuid[], :held_until::timestamptz[], :taken_at::timestamptz[])
     AS new (member_id, coupon_id, store_id, till_id, redemption_id, reservation_id, held_until, taken_at)
JOIN coupons c ON (c.member_id, c.id) = (new.member_id, new.coupon_id)
CROSS JOIN LATERAL (
    SELECT n AS use_no
    FROM generate_series(1, c.uses) AS n
    WHERE NOT EXISTS (SELECT FROM redemptions r
                      WHERE (r.member_id, r.coupon_id, r.use_no) = (c.member_id, c.id, n) /* spread: AND r.member_id = ANY (:member_id) */
                        AND (r.held_until IS NULL OR r.held_until > :as_of))
    ORDER BY n
    LIMIT 1
) free
WHERE c.member_id = ANY (:member_id)
ORDER BY c.member_id, c.id
ON CONFLICT (member_id, coupon_id, use_no) DO UPDATE
SET store_id = excluded.store_id, till_id = excluded.till_id, redemption_id = excluded.redemption_id,
    reservation_id = excluded.reservation_id, held_until = excluded.held_until, redeemed_at = excluded.redeemed_at
WHERE redemptions.held_until <= :as_of
RETURNING coupon_id;

-- name: has_free_use one
SELECT (SELECT count(*) FROM redemptions r
        WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.member_id = $1
          AND (r.held_until IS NULL OR r.held_until > $3)) < c.uses
       AS is_free
FROM coupons c
WHERE c.member_id = $1 AND c.id = $2;

-- name: find_till_redemption one
SELECT redemption_id AS id, member_id, coupon_id, redeemed_at, NULL::timestamptz AS undone_at
FROM redemptions
WHERE member_id = $1 AND redemption_id = $2 AND till_id = $3 AND reservation_id IS NULL
UNION ALL
SELECT redemption_id, member_id, coupon_id, redeemed_at, undone_at
FROM undone_redemptions
WHERE member_id = $1 AND redemption_id = $2 AND till_id = $3;

-- name: find_newer_redemption fan-out rarely
SELECT redemption_id
FROM redemptions
WHERE till_id = $1 AND (redeemed_at, redemption_id) > ($2, $3) AND reservation_id IS NULL
LIMIT 1;

-- name: undo_redemption one
-- Whoever comes second waits here for the first, and finds it done. Of a coupon that was voided since the use is not free.
WITH taken_back AS MATERIALIZED (
    SELECT member_id, redemption_id, coupon_id, use_no, campaign_id, store_id, till_id, redeemed_at
    FROM redemptions
    WHERE member_id = $1 AND coupon_id = $2 AND redemption_id = $3
    FOR UPDATE
), voided AS (
    UPDATE redemptions r
    SET till_id = NULL, redemption_id = NULL, void_id = v.void_id, redeemed_at = greatest($4, r.redeemed_at)
    FROM taken_back t
    JOIN voided_uses v ON (v.member_id, v.coupon_id, v.use_no) = ($1, t.coupon_id, t.use_no)
    WHERE (r.member_id, r.coupon_id, r.use_no) = ($1, t.coupon_id, t.use_no)
), freed AS (
    DELETE FROM redemptions r
    USING taken_back t
    WHERE (r.member_id, r.coupon_id, r.use_no) = ($1, t.coupon_id, t.use_no)
      AND NOT EXISTS (SELECT FROM voided_uses v
                      WHERE (v.member_id, v.coupon_id, v.use_no) = ($1, t.coupon_id, t.use_no))
)
INSERT INTO undone_redemptions (member_id, redemption_id, coupon_id, campaign_id, store_id, till_id, redeemed_at, undone_at)
SELECT member_id, redemption_id, coupon_id, campaign_id, store_id, till_id, redeemed_at, greatest($4, redeemed_at)
FROM taken_back
RETURNING redemption_id;

-- name: is_coupon_usable one
SELECT c.expires_at > $3
       AND k.withdrawn_at IS NULL
       AND (SELECT count(*) FROM redemptions r
            WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.member_id = $1
          AND (r.held_until IS NULL OR r.held_until > $3)) < c.uses
           AS is_usable
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
WHERE c.member_id = $1 AND c.id = $2;
