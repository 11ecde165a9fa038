-- name: read_visit_days batch
-- Answered from the primary key alone, and from the small index of what was undone: of these members, or a merge join
-- reads what everybody has undone.
-- Days go out as numbers in one array: who comes every day for years costs one row, not thousands.
-- Of a member and all who became them two at one store on one day are one visit.
SELECT count(DISTINCT (store_id, business_day)) AS visit_count, count(DISTINCT store_id) AS store_count,
       coalesce(array_agg(DISTINCT business_day - date '0001-01-01' + 1 ORDER BY business_day - date '0001-01-01' + 1),
                '{}') AS days
FROM visits v
WHERE member_id = ANY ($1)
  AND NOT EXISTS (
      SELECT
      FROM visits u
      WHERE u.member_id = ANY ($1) AND u.member_id = v.member_id AND u.store_id = v.store_id
        AND u.business_day = v.business_day AND u.undone_at IS NOT NULL
  );

-- name: read_visit_times batch
SELECT member_id, store_id, business_day, first_at AS at
FROM visits
WHERE member_id = ANY ($1) AND first_at >= $2 AND undone_at IS NULL;

-- name: list_visited_stores batch
SELECT store_id
FROM visits
WHERE member_id = ANY ($1) AND undone_at IS NULL
GROUP BY store_id
ORDER BY max(first_at) DESC;
