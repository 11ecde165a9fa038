-- name: count_cohorts fan-out page
-- Members by the month of their first visit and, with `by_store`, the store of it; and how many of those whose first
-- visit is so long ago came again within so many days, on another business day, to any store. Who came before they had
-- this card has no first visit here. A person is everybody who became them.
WITH first_timer AS MATERIALIZED (
    SELECT f.member_id, f.first_visit_on
    FROM member_facts f
    WHERE f.program_id = :program_id AND f.first_visit_on >= :from_day AND f.first_visit_on < :before_day
), person AS MATERIALIZED (
    SELECT member_id, member_id AS name, first_visit_on
    FROM first_timer
    UNION ALL
    SELECT t.member_id, m.member_id, t.first_visit_on
    FROM first_timer t
    JOIN members m ON m.merged_into = t.member_id
), visited AS (
    SELECT p.member_id, p.first_visit_on,
           (array_agg(v.store_id ORDER BY v.first_at, v.store_id) FILTER (WHERE v.business_day = p.first_visit_on))[1]
               AS store_id,
           min(v.business_day) FILTER (WHERE v.business_day > p.first_visit_on) - p.first_visit_on AS days_to_second
    FROM person p
    JOIN visits v ON v.member_id = p.name AND v.undone_at IS NULL AND v.business_day <= p.first_visit_on + 90
    GROUP BY p.member_id, p.first_visit_on
), counted AS (
    SELECT date_trunc('month', first_visit_on)::date AS month, CASE WHEN :by_store::boolean THEN store_id END AS store_id,
           days_to_second, :today::date - first_visit_on AS days_ago
    FROM visited
    WHERE store_id IS NOT NULL AND (:store_ids::uuid[] IS NULL OR store_id = ANY (:store_ids))
)
SELECT c.month, c.store_id, s.name AS store_name, count(*) AS first_timers,
       count(*) FILTER (WHERE days_ago > 30) AS watched_30,
       count(*) FILTER (WHERE days_ago > 30 AND days_to_second <= 30) AS returned_30,
       count(*) FILTER (WHERE days_ago > 60) AS watched_60,
       count(*) FILTER (WHERE days_ago > 60 AND days_to_second <= 60) AS returned_60,
       count(*) FILTER (WHERE days_ago > 90) AS watched_90,
       count(*) FILTER (WHERE days_ago > 90 AND days_to_second <= 90) AS returned_90
FROM counted c
LEFT JOIN stores s ON s.id = c.store_id
GROUP BY c.month, c.store_id, s.name
ORDER BY c.month, s.name, c.store_id;
