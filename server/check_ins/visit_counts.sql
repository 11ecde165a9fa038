-- name: lock_counts batch
-- Of two visits of a person at once the second counts the first: it waits here for its commit. Taken behind the visits, in
-- the order of persons.
SELECT pg_advisory_xact_lock(hashtextextended('visits:' || person, 0))
FROM (
    SELECT DISTINCT coalesce(merged_into, member_id)::text AS person
    FROM members
    WHERE member_id = ANY ($1)
    ORDER BY person
) persons;

-- name: count_visits fan-out request
-- By store and trust, of the person whom each of them is part of: two members of a person at one store on one day are one
-- visit.
WITH asked AS (
    SELECT member_id, coalesce(merged_into, member_id) AS person
    FROM members
    WHERE member_id = ANY ($1)
), names AS (
    SELECT member_id, person AS name
    FROM asked
    UNION
    SELECT a.member_id, m.member_id
    FROM asked a
    JOIN members m ON m.merged_into = a.person
)
SELECT member_id, store_id, trust, count(*) AS visits
FROM (
    SELECT n.member_id, v.store_id, v.business_day, max(v.trust) AS trust
    FROM names n
    JOIN visits v ON v.member_id = n.name AND v.undone_at IS NULL
    GROUP BY n.member_id, v.store_id, v.business_day
) made
GROUP BY member_id, store_id, trust
UNION ALL
SELECT n.member_id, NULL, NULL, sum(greatest(coalesce(i.visits, 1), 1))
FROM names n
JOIN imported_members i ON i.member_id = n.name AND num_nonnulls(i.first_visit_on, i.last_visit_on) > 0
GROUP BY n.member_id;
