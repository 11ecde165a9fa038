-- name: insert_reservation one
INSERT INTO reservations (member_id, id, program_id, store_id, till_id, amount, discount, lines, stamps, uses,
                          reserved_at, held_until)
VALUES (:member_id, :id, :program_id, :store_id, :till_id, :amount, :discount, :lines, :stamps, :uses, :reserved_at,
        :held_until);

-- name: find_reservation one
SELECT member_id, id, store_id, amount, discount, lines, stamps, uses, refunded, held_until, redeemed_at, voided_at, receipt
FROM reservations
WHERE member_id = $1 AND id = $2 AND store_id = $3;

-- name: lock_reservation one
-- Whoever comes second waits here for the first, and finds it done.
SELECT member_id, id, store_id, amount, discount, lines, stamps, uses, refunded, held_until, redeemed_at, voided_at, receipt
FROM reservations
WHERE member_id = $1 AND id = $2 AND store_id = $3
FOR NO KEY UPDATE;

-- name: list_uses one
SELECT coupon_id, held_until IS NOT NULL AS is_held
FROM redemptions
WHERE member_id = $1 AND reservation_id = $2
ORDER BY coupon_id;

-- name: hold_receipt local
-- Two members' coupons on one receipt of a store come one after another.
SELECT pg_advisory_xact_lock(hashtextextended($1::text || ':' || $2::text, 0));

-- name: list_company fan-out request
-- The conditions of other members' coupons on this receipt. Numbers come again some day, so only of the last day.
SELECT g.conditions
FROM reservations v
JOIN redemptions r ON (r.member_id, r.reservation_id) = (v.member_id, v.id)
JOIN coupons c ON (c.member_id, c.id) = (r.member_id, r.coupon_id)
JOIN campaign_versions g ON (g.campaign_id, g.version) = (c.campaign_id, c.campaign_version)
WHERE v.store_id = :store_id AND v.standing_receipt = :receipt AND v.member_id <> :member_id
  AND v.redeemed_at > :now::timestamptz - interval '1 day';

-- name: set_redeemed one
UPDATE reservations
SET redeemed_at = $3, receipt = $4, standing_receipt = $4
WHERE member_id = $1 AND id = $2;

-- name: redeem_use one
UPDATE redemptions
SET till_id = :till_id, redemption_id = :redemption_id, redeemed_at = :now, held_until = NULL
WHERE member_id = :member_id AND reservation_id = :reservation_id AND coupon_id = :coupon_id AND held_until IS NOT NULL
RETURNING coupon_id;

-- name: set_voided one
UPDATE reservations
SET voided_at = $3, standing_receipt = NULL
WHERE member_id = $1 AND id = $2;

-- name: lock_uses one
-- In their turn: tills ask for several of them in this order too.
SELECT coupon_id
FROM redemptions
WHERE member_id = $1 AND reservation_id = $2
ORDER BY coupon_id
FOR UPDATE;

-- name: release_uses one
DELETE FROM redemptions
WHERE member_id = $1 AND reservation_id = $2 AND held_until IS NOT NULL;

-- name: take_back_uses one
-- Those of a coupon that was voided since are not free.
WITH taken_back AS MATERIALIZED (
    SELECT member_id, redemption_id, coupon_id, use_no, campaign_id, store_id, till_id, redeemed_at
    FROM redemptions
    WHERE member_id = $1 AND reservation_id = $2 AND till_id IS NOT NULL
    ORDER BY coupon_id, use_no
    FOR UPDATE
), voided AS (
    UPDATE redemptions r
    SET till_id = NULL, redemption_id = NULL, reservation_id = NULL, void_id = v.void_id, redeemed_at = greatest($3, r.redeemed_at)
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
SELECT member_id, redemption_id, coupon_id, campaign_id, store_id, till_id, redeemed_at, greatest($3, redeemed_at)
FROM taken_back;

-- name: set_refunded one
UPDATE reservations
SET refunded = $3, lines = $4
WHERE member_id = $1 AND id = $2;
