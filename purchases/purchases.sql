-- name: reserve_receipts
INSERT INTO receipts (store_id, kind, receipt_hash, member_id, source_id)
SELECT *
FROM unnest(:store_id::uuid[], :kind::text[], :receipt_hash::bytea[], :member_id::uuid[], :source_id::uuid[])
     AS new (store_id, kind, receipt_hash, member_id, source_id)
ORDER BY store_id, kind, receipt_hash
ON CONFLICT (store_id, kind, receipt_hash) DO NOTHING
RETURNING source_id;

-- name: find_receipt
SELECT member_id, source_id
FROM receipts
WHERE store_id = $1 AND kind = $2 AND receipt_hash = $3;

-- name: insert_purchases
INSERT INTO purchases (member_id, id, program_id, store_id, till_id, scan_id, receipt, amount, items, purchased_at)
SELECT *
FROM unnest(:member_id::uuid[], :id::uuid[], :program_id::uuid[], :store_id::uuid[], :till_id::uuid[],
            :scan_id::uuid[], :receipt::text[], :amount::bigint[], :items::jsonb[], :purchased_at::timestamptz[]);

-- name: lock_purchase
-- One row by its key. Two refunds of one purchase wait for each other here.
SELECT amount, refunded
FROM purchases
WHERE member_id = $1 AND id = $2
FOR UPDATE;

-- name: set_refunded
UPDATE purchases
SET refunded = $3
WHERE member_id = $1 AND id = $2;

-- name: insert_refund
INSERT INTO refunds (member_id, id, purchase_id, till_id, receipt, amount, refunded_at)
VALUES (:member_id, :id, :purchase_id, :till_id, :receipt, :amount, :refunded_at);

-- name: read_spend
SELECT member_id, purchased_at AS at, amount - refunded AS amount
FROM purchases
WHERE member_id = ANY ($1) AND purchased_at >= $2;

-- name: total_spend
SELECT count(*) AS purchase_count, coalesce(sum(amount - refunded), 0)::bigint AS amount
FROM purchases
WHERE member_id = ANY ($1);

-- name: list_purchases_of_scan
SELECT id, receipt
FROM purchases
WHERE member_id = $1 AND scan_id = $2
ORDER BY id;

-- name: release_receipt
DELETE FROM receipts
WHERE store_id = $1 AND kind = 'purchase' AND receipt_hash = $2 AND source_id = $3;
