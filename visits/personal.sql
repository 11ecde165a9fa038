-- What this package holds about a person: $1 are the member and all who became them.

-- name: export_visits batch
SELECT member_id, store_id, business_day, first_at, undone_at,
       (ARRAY['doubtful', 'low', 'modest', 'fair', 'good', 'high'])[trust + 1] AS trust
FROM visits
WHERE member_id = ANY ($1)
ORDER BY member_id, store_id, business_day;

-- name: export_visit_evidence batch
SELECT member_id, id, store_id, business_day, kind, till_id, device_id, doubts, coupon_ids, at, undone_at,
       undo_result, (ARRAY['doubtful', 'low', 'modest', 'fair', 'good', 'high'])[trust + 1] AS trust
FROM visit_evidence
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: erase_visit_evidence batch
DELETE FROM visit_evidence
WHERE member_id = ANY ($1);

-- name: erase_visits batch
DELETE FROM visits
WHERE member_id = ANY ($1);
