-- name: reserve_bills local
-- A bill that is there already takes another part if all parts name the same amount and it is not exceeded. Rows of one
-- key belong into different statements.
INSERT INTO bills (store_id, receipt_hash, amount, held, holders)
SELECT store_id, receipt_hash, amount, held, 1
FROM unnest(:store_id::uuid[], :receipt_hash::bytea[], :amount::bigint[], :held::bigint[])
     AS new (store_id, receipt_hash, amount, held)
ORDER BY store_id, receipt_hash
ON CONFLICT (store_id, receipt_hash) DO UPDATE
SET held = bills.held + excluded.held, holders = bills.holders + 1
WHERE bills.amount = excluded.amount AND bills.amount > 0 AND bills.held + excluded.held <= bills.amount
RETURNING store_id, receipt_hash;

-- name: reserve_receipts local
INSERT INTO receipts (store_id, kind, receipt_hash, member_id, source_id)
SELECT *
FROM unnest(:store_id::uuid[], :kind::text[], :receipt_hash::bytea[], :member_id::uuid[], :source_id::uuid[])
     AS new (store_id, kind, receipt_hash, member_id, source_id)
ORDER BY store_id, kind, receipt_hash, member_id
ON CONFLICT (store_id, kind, receipt_hash, member_id) WHERE released_at IS NULL DO NOTHING
RETURNING source_id;

-- name: list_holders local
SELECT member_id, source_id, released_at IS NOT NULL AS is_released
FROM receipts
WHERE store_id = $1 AND kind = $2 AND receipt_hash = $3;

-- name: lock_bill local
SELECT
FROM bills
WHERE store_id = $1 AND receipt_hash = $2
FOR UPDATE;

-- name: lock_receipt local
SELECT
FROM receipts
WHERE store_id = :store_id AND kind = :kind AND receipt_hash = :receipt_hash AND member_id = :member_id
  AND source_id = :source_id
FOR UPDATE;

-- name: release_receipt local
UPDATE receipts
SET released_at = :now
WHERE store_id = :store_id AND kind = :kind AND receipt_hash = :receipt_hash AND member_id = :member_id
  AND source_id = :source_id;

-- name: lower_bill local
UPDATE bills
SET held = held - :amount, holders = holders - :ended
WHERE store_id = :store_id AND receipt_hash = :receipt_hash;

-- name: delete_last_held_bill local
DELETE FROM bills
WHERE store_id = $1 AND receipt_hash = $2 AND holders = 1
RETURNING holders;
