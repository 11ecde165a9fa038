-- What this package holds about a person: $1 are the member and all who became them.
-- Purchases, refunds, spent points and receipts stay, without what was bought.

-- name: export_purchases batch
SELECT member_id, id, store_id, till_id, scan_id, receipt, amount, refunded, refunded_untold, items, purchased_at, fully_refunded_at
FROM purchases
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_refunds batch
SELECT member_id, id, purchase_id, till_id, receipt, amount, refunded_at
FROM refunds
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_spends batch
SELECT member_id, id, store_id, till_id, receipt, points, voided, spent_at
FROM spends
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_receipts local
SELECT member_id, store_id, kind, source_id, released_at
FROM receipts
WHERE member_id = ANY ($1)
ORDER BY member_id, store_id, kind, source_id;

-- name: erase_purchases batch
UPDATE purchases
SET items = '[]', scan_id = NULL
WHERE member_id = ANY ($1);
