-- name: read_balance one
-- The member's points that have not expired.
SELECT coalesce(sum(remaining), 0)::bigint
FROM point_lots
WHERE member_id = $1 AND expires_at > $2;
