-- name: insert_purchases batch
INSERT INTO purchases (member_id, id, program_id, store_id, till_id, scan_id, receipt, amount, items, purchased_at)
SELECT *
FROM unnest(:member_id::uuid[], :id::uuid[], :program_id::uuid[], :store_id::uuid[], :till_id::uuid[],
            :scan_id::uuid[], :receipt::text[], :amount::bigint[], :items::jsonb[], :purchased_at::timestamptz[]);

-- name: lock_purchase one
-- One row by its key. Two refunds of one purchase wait for each other here.
SELECT amount, refunded, fully_refunded_at IS NOT NULL AS is_fully_refunded, refunded_untold, items
FROM purchases
WHERE member_id = $1 AND id = $2
FOR UPDATE;

-- name: set_refunded one
UPDATE purchases
SET refunded = :refunded, refunded_untold = :refunded_untold, fully_refunded_at = :fully_refunded_at,
    items = :items::jsonb
WHERE member_id = :member_id AND id = :id;

-- name: insert_refund one
INSERT INTO refunds (member_id, id, purchase_id, till_id, receipt, amount, refunded_at)
VALUES (:member_id, :id, :purchase_id, :till_id, :receipt, :amount, :refunded_at);

-- name: read_spend batch
SELECT member_id, purchased_at AS at, amount - refunded AS amount
FROM purchases
WHERE member_id = ANY ($1) AND purchased_at >= $2;

-- name: total_spend batch
SELECT count(*) AS purchase_count, coalesce(sum(amount - refunded), 0)::bigint AS amount
FROM purchases
WHERE member_id = ANY ($1) AND fully_refunded_at IS NULL;

-- name: list_purchases_of_scan one
SELECT id, receipt
FROM purchases
WHERE member_id = $1 AND scan_id = $2
ORDER BY id;
