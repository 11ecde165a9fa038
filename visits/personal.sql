-- What this package holds about a person: $1 are the member and all who became them.

-- name: export_visits
SELECT member_id, store_id, business_day, first_at, undone_at,
       (ARRAY['doubtful', 'low', 'modest', 'fair', 'good', 'high'])[trust + 1] AS trust
FROM visits
WHERE member_id = ANY ($1)
ORDER BY member_id, store_id, business_day;

-- name: export_visit_evidence
SELECT member_id, id, store_id, business_day, kind, till_id, device_id, doubts, decisions, coupon_ids, at, undone_at,
       undoing, (ARRAY['doubtful', 'low', 'modest', 'fair', 'good', 'high'])[trust + 1] AS trust
FROM visit_evidence
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_purchases
SELECT member_id, id, store_id, till_id, scan_id, receipt, amount, refunded, items, purchased_at
FROM purchases
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_refunds
SELECT member_id, id, purchase_id, till_id, receipt, amount, refunded_at
FROM refunds
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_receipts
SELECT member_id, store_id, kind, source_id
FROM receipts
WHERE member_id = ANY ($1)
ORDER BY member_id, store_id, kind, source_id;

-- name: erase_visit_evidence
DELETE FROM visit_evidence
WHERE member_id = ANY ($1);

-- name: erase_visits
DELETE FROM visits
WHERE member_id = ANY ($1);

-- name: erase_purchases
UPDATE purchases
SET items = '[]', scan_id = NULL
WHERE member_id = ANY ($1);
