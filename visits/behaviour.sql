-- name: read_visit_days
-- Answered from the primary key alone.
SELECT store_id, business_day
FROM visits
WHERE member_id = $1;

-- name: read_visit_times
SELECT member_id, first_at AS at, 1 AS amount
FROM visits
WHERE member_id = ANY ($1) AND first_at >= $2;
