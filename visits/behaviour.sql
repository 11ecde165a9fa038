-- name: read_visit_days
-- Answered from the primary key alone, and from the small index of what was undone.
-- Days go out as numbers in one array: who comes every day for years costs one row, not thousands.
SELECT count(*) AS visit_count, count(DISTINCT store_id) AS store_count,
       coalesce(array_agg(DISTINCT business_day - date '0001-01-01' + 1 ORDER BY business_day - date '0001-01-01' + 1),
                '{}') AS days
FROM visits v
WHERE member_id = ANY ($1)
  AND NOT EXISTS (
      SELECT
      FROM visits u
      WHERE u.member_id = v.member_id AND u.store_id = v.store_id AND u.business_day = v.business_day
        AND u.undone_at IS NOT NULL
  );

-- name: read_visit_times
SELECT member_id, first_at AS at, 1 AS amount
FROM visits
WHERE member_id = ANY ($1) AND first_at >= $2 AND undone_at IS NULL;
