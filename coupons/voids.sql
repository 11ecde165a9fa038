-- name: end_reservations one
-- That hold a use of the coupon for a receipt, with all that they hold: what they promised is not so any more.
WITH holding AS (
    SELECT DISTINCT reservation_id
    FROM redemptions
    WHERE member_id = $1 AND coupon_id = $2 AND held_until IS NOT NULL
), ended AS (
    UPDATE reservations
    SET voided_at = $3, standing_receipt = NULL
    WHERE member_id = $1 AND id IN (SELECT reservation_id FROM holding) AND voided_at IS NULL AND held_until > $3
)
DELETE FROM redemptions
WHERE member_id = $1 AND reservation_id IN (SELECT reservation_id FROM holding) AND held_until IS NOT NULL;

-- name: insert_void one
INSERT INTO coupon_voids (member_id, id, coupon_id, reason, voided_by, voided_at)
VALUES (:member_id, :id, :coupon_id, :reason, :voided_by, :voided_at);

-- name: end_uses one
-- All that are left; the key of `redemptions` decides between this and a till that takes one at the same moment.
INSERT INTO redemptions (member_id, coupon_id, use_no, uses, program_id, campaign_id, store_id, void_id, redeemed_at)
SELECT c.member_id, c.id, use_no, c.uses, c.program_id, c.campaign_id, c.store_id, $3, $4
FROM coupons c
CROSS JOIN generate_series(1, c.uses) AS use_no
WHERE c.member_id = $1 AND c.id = $2
ORDER BY use_no
ON CONFLICT (member_id, coupon_id, use_no) DO NOTHING
RETURNING use_no;

-- name: keep_uses one
-- Those too that were made before: none of them is given back.
INSERT INTO voided_uses (member_id, coupon_id, use_no, void_id)
SELECT member_id, coupon_id, use_no, $3
FROM redemptions
WHERE member_id = $1 AND coupon_id = $2;

-- name: find_standing_void one
SELECT member_id, id, coupon_id, reason, voided_by, voided_at, lifted_by, lifted_at
FROM coupon_voids
WHERE member_id = $1 AND coupon_id = $2 AND lifted_at IS NULL;

-- name: let_uses_go one
DELETE FROM voided_uses
WHERE member_id = $1 AND void_id = $2;

-- name: free_uses one
DELETE FROM redemptions
WHERE member_id = $1 AND coupon_id = $2 AND void_id IS NOT NULL;

-- name: set_lifted one
-- Another server's clock may have been ahead when it was voided.
UPDATE coupon_voids
SET lifted_by = $3, lifted_at = greatest($4, voided_at)
WHERE member_id = $1 AND id = $2
RETURNING lifted_at;
