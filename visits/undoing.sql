-- name: find_till_scan one
SELECT e.id, e.member_id, e.store_id, e.business_day, v.program_id, e.at, e.undo_result
FROM visit_evidence e
JOIN visits v ON (v.member_id, v.store_id, v.business_day) = (e.member_id, e.store_id, e.business_day)
WHERE e.member_id = $1 AND e.id = $2 AND e.till_id = $3;

-- name: find_newer_scan fan-out rarely
-- What a till reports later was scanned before.
SELECT e.id
FROM visit_evidence e
WHERE e.store_id = $1 AND e.id > $2 AND e.till_id = $3 AND e.at >= $4 AND e.undone_at IS NULL
LIMIT 1;

-- name: mark_undone one
-- Whoever comes second waits here for the first, and finds it done.
UPDATE visit_evidence
SET undone_at = $3, undo_result = '{}'
WHERE member_id = $1 AND id = $2 AND undone_at IS NULL
RETURNING id;

-- name: store_undo_result one
UPDATE visit_evidence
SET undo_result = $3
WHERE member_id = $1 AND id = $2;

-- name: lock_visit one
-- One row by its key: who adds evidence meanwhile waits, or was waited for.
SELECT trust, earning_round
FROM visits
WHERE member_id = $1 AND store_id = $2 AND business_day = $3
FOR UPDATE;

-- name: read_remaining_evidence one
SELECT max(trust) AS trust, min(at) AS first_at
FROM visit_evidence
WHERE member_id = $1 AND store_id = $2 AND business_day = $3 AND undone_at IS NULL;

-- name: read_duplicate_trust batch
-- Of the same visit as those made it who became the member: $1.
SELECT max(trust)
FROM visits
WHERE member_id = ANY ($1) AND store_id = $2 AND business_day = $3 AND undone_at IS NULL;

-- name: lower_visit one
-- Without a trust there is no evidence left.
UPDATE visits
SET former_trust = trust, trust = coalesce(:trust, trust), first_at = coalesce(:first_at, first_at),
    undone_at = CASE WHEN :trust::smallint IS NULL THEN :now::timestamptz END,
    earning_round = earning_round + :added_rounds::int
WHERE member_id = :member_id AND store_id = :store_id AND business_day = :business_day;

-- name: list_coupons_of_visit one
SELECT DISTINCT unnest(coupon_ids) AS id
FROM visit_evidence
WHERE member_id = $1 AND store_id = $2 AND business_day = $3;
