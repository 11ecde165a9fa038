-- name: open_facts batch
-- Opens the rows of these members, brings up to date what is copied from the member, and holds every row until the
-- commit, in the order of keys. What changes nothing is locked and not written.
INSERT INTO member_facts AS held (member_id, program_id, is_active, may_profile, home_store_id, joined_at)
SELECT member_id, program_id, state = 'active', profiling_consent, enrolled_store_id, created_at
FROM members
WHERE member_id = ANY ($1) AND state NOT IN ('merged', 'erased')
ORDER BY member_id
ON CONFLICT (member_id) DO UPDATE
SET is_active = excluded.is_active, may_profile = excluded.may_profile, home_store_id = excluded.home_store_id
WHERE (held.is_active, held.may_profile, held.home_store_id)
      IS DISTINCT FROM (excluded.is_active, excluded.may_profile, excluded.home_store_id);

-- name: close_facts batch
DELETE FROM member_facts f
USING members m
WHERE m.member_id = f.member_id AND m.member_id = ANY ($1) /* spread: AND f.member_id = ANY ($1) */ AND m.state IN ('merged', 'erased');

-- name: count_coupons batch
-- Of coupons each counts, whoever of a person's members has it. Returned are those who have a row.
WITH held AS MATERIALIZED (
    SELECT member_id
    FROM member_facts
    WHERE member_id = ANY ($1)
    ORDER BY member_id
    FOR NO KEY UPDATE
)
UPDATE member_facts f
SET coupons_issued = f.coupons_issued + n.coupons
FROM held
JOIN unnest($1::uuid[], $2::int[]) AS n (member_id, coupons) USING (member_id)
WHERE f.member_id = held.member_id /* spread: AND f.member_id = ANY ($1) */
RETURNING f.member_id;

-- name: add_to_facts batch
-- Points, rank and stamps are set for those who are rewarded, whose accounts are held (`FactsDelta.has_rewards`): nobody else
-- can move them between this statement's beginning and the row's lock. Points that the flow knows are not read. Who is not in the answer has no row: they are
-- another member now, or nobody any more, or nobody has opened one yet.
WITH held AS MATERIALIZED (
    SELECT member_id
    FROM member_facts
    WHERE member_id = ANY (:member_id)
    ORDER BY member_id
    FOR NO KEY UPDATE
)
UPDATE member_facts f
SET visits = f.visits + n.visits,
    first_visit_on = least(f.first_visit_on, n.first_visit_on),
    last_visit_on = greatest(f.last_visit_on, n.last_visit_on),
    purchases = f.purchases + n.purchases,
    spend = f.spend + n.spend,
    last_purchase_at = greatest(f.last_purchase_at, n.last_purchase_at),
    coupons_issued = f.coupons_issued + n.coupons_issued,
    coupons_used = f.coupons_used + n.coupons_used,
    points = CASE WHEN n.points IS NOT NULL THEN n.points WHEN n.is_rewarded THEN coalesce((
        SELECT a.balance FROM point_accounts a WHERE a.member_id = f.member_id /* spread: AND a.member_id = ANY (:member_id) */
    ), 0) ELSE f.points END,
    rank_code = CASE WHEN n.is_rewarded THEN (
        SELECT r.rank_code FROM member_ranks r WHERE r.member_id = f.member_id /* spread: AND r.member_id = ANY (:member_id) */
    ) ELSE f.rank_code END,
    stamps = CASE WHEN n.is_rewarded THEN (
        SELECT count(*) FROM stamps s
        WHERE s.member_id = f.member_id /* spread: AND s.member_id = ANY (:member_id) */ AND s.revoked_at IS NULL
    ) ELSE f.stamps END
FROM held
JOIN unnest(:member_id::uuid[], :visits::int[], :first_visit_on::date[], :last_visit_on::date[], :purchases::int[],
            :spend::bigint[], :last_purchase_at::timestamptz[], :coupons_issued::int[], :coupons_used::int[],
            :points::bigint[], :is_rewarded::bool[])
     AS n (member_id, visits, first_visit_on, last_visit_on, purchases, spend, last_purchase_at, coupons_issued,
           coupons_used, points, is_rewarded) USING (member_id)
WHERE f.member_id = held.member_id
RETURNING f.member_id;

-- name: find_survivors batch
SELECT member_id, merged_into
FROM members
WHERE member_id = ANY ($1) AND merged_into IS NOT NULL;

-- name: list_several fan-out request
-- Who was several members, of whom two may have come to one store on one day.
SELECT DISTINCT merged_into AS member_id
FROM members
WHERE merged_into = ANY ($1);

-- name: write_facts fan-out request
-- Everything anew, from what stands in the books; the rows are held (`open_facts`). Returned are those that differed.
WITH person AS (
    SELECT member_id, member_id AS name
    FROM members
    WHERE member_id = ANY ($1)
    UNION ALL
    SELECT merged_into, member_id
    FROM members
    WHERE merged_into = ANY ($1)
), came AS (
    SELECT p.member_id, count(DISTINCT (v.store_id, v.business_day)) AS visits, min(v.business_day) AS first_visit_on,
           max(v.business_day) AS last_visit_on
    FROM person p
    JOIN visits v ON v.member_id = p.name AND v.undone_at IS NULL
    GROUP BY p.member_id
), brought AS (
    -- From the time before, where the program's file tells of a day: without one it is nobody's last visit.
    SELECT p.member_id, sum(greatest(coalesce(i.visits, 1), 1))::int AS visits,
           min(coalesce(i.first_visit_on, i.last_visit_on)) AS first_visit_on,
           max(coalesce(i.last_visit_on, i.first_visit_on)) AS last_visit_on
    FROM person p
    JOIN imported_members i ON i.member_id = p.name AND num_nonnulls(i.first_visit_on, i.last_visit_on) > 0
    GROUP BY p.member_id
), bought AS (
    SELECT p.member_id, count(*) AS purchases, sum(b.amount - b.refunded)::bigint AS spend,
           max(b.purchased_at) AS last_purchase_at
    FROM person p
    JOIN purchases b ON b.member_id = p.name AND b.fully_refunded_at IS NULL
    GROUP BY p.member_id
), held AS (
    -- Not one that moved, nor one that ended before any till took it; but one that was voided.
    SELECT p.member_id, count(*) FILTER (WHERE NOT r.is_moved AND (r.gone < c.uses OR r.used > 0)) AS coupons_issued,
           sum(r.used) AS coupons_used
    FROM person p
    JOIN coupons c ON c.member_id = p.name
    CROSS JOIN LATERAL (
        SELECT count(till_id) AS used, coalesce(bool_or(moved_to IS NOT NULL), false) AS is_moved,
               count(*) FILTER (WHERE num_nonnulls(till_id, moved_to, undone_scan_id, had_as) > 0) AS gone
        FROM redemptions
        WHERE (member_id, coupon_id) = (c.member_id, c.id)
    ) r
    GROUP BY p.member_id
), stamped AS (
    SELECT p.member_id, count(*) AS stamps
    FROM person p
    JOIN stamps s ON s.member_id = p.name AND s.revoked_at IS NULL
    GROUP BY p.member_id
), recomputed AS (
    SELECT m.member_id, coalesce(came.visits, 0) + coalesce(brought.visits, 0) AS visits,
           least(came.first_visit_on, brought.first_visit_on) AS first_visit_on,
           greatest(came.last_visit_on, brought.last_visit_on) AS last_visit_on,
           coalesce(bought.purchases, 0) AS purchases, coalesce(bought.spend, 0) AS spend, bought.last_purchase_at,
           coalesce(a.balance, 0) AS points, r.rank_code, coalesce(stamped.stamps, 0) AS stamps,
           coalesce(held.coupons_issued, 0) AS coupons_issued, coalesce(held.coupons_used, 0) AS coupons_used
    FROM members m
    LEFT JOIN came USING (member_id)
    LEFT JOIN brought USING (member_id)
    LEFT JOIN bought USING (member_id)
    LEFT JOIN held USING (member_id)
    LEFT JOIN stamped USING (member_id)
    LEFT JOIN point_accounts a USING (member_id)
    LEFT JOIN member_ranks r USING (member_id)
    WHERE m.member_id = ANY ($1)
)
UPDATE member_facts f
SET visits = n.visits, first_visit_on = n.first_visit_on, last_visit_on = n.last_visit_on, purchases = n.purchases,
    spend = n.spend, last_purchase_at = n.last_purchase_at, points = n.points, rank_code = n.rank_code, stamps = n.stamps,
    coupons_issued = n.coupons_issued, coupons_used = n.coupons_used
FROM recomputed n
WHERE f.member_id = n.member_id
  AND (f.visits, f.first_visit_on, f.last_visit_on, f.purchases, f.spend, f.last_purchase_at, f.points, f.rank_code,
       f.stamps, f.coupons_issued, f.coupons_used)
      IS DISTINCT FROM (n.visits, n.first_visit_on, n.last_visit_on, n.purchases, n.spend, n.last_purchase_at, n.points,
                        n.rank_code, n.stamps, n.coupons_issued, n.coupons_used)
RETURNING f.member_id;

-- name: read_facts batch
SELECT member_id, program_id, is_active, may_profile, home_store_id, joined_at, visits, first_visit_on, last_visit_on,
       purchases, spend, last_purchase_at, points, rank_code, stamps, coupons_issued, coupons_used
FROM member_facts
WHERE member_id = ANY ($1);

-- name: list_members_after fan-out rarely
-- Also of members who should have no row, and have one.
SELECT member_id
FROM members
WHERE member_id > $1
ORDER BY member_id
LIMIT $2;

-- name: find_unopened batch
-- Those that `open_facts` and `close_facts` would change.
SELECT m.member_id
FROM members m
LEFT JOIN member_facts f ON f.member_id = m.member_id
WHERE m.member_id = ANY ($1)
  AND CASE WHEN m.state IN ('merged', 'erased') THEN f.member_id IS NOT NULL
           ELSE (f.is_active, f.may_profile, f.home_store_id, f.joined_at)
                IS DISTINCT FROM (m.state = 'active', m.profiling_consent, m.enrolled_store_id, m.created_at) END;
