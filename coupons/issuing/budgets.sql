-- name: read_left local
-- Of one moment: nothing is left where both are zero. What others hold and have not committed is still free here; what this
-- transaction has taken is not.
SELECT asked.budget_id, b.cap - b.allotted AS unallotted, coalesce(s.free, 0)::bigint AS free,
       coalesce(s.largest, 0) AS largest
FROM unnest($1::uuid[]) AS asked (budget_id)
LEFT JOIN budgets b ON b.id = asked.budget_id
LEFT JOIN LATERAL (
    SELECT sum(free) AS free, max(free) AS largest
    FROM slices
    WHERE budget_id = asked.budget_id
) s ON true;

-- name: take_at_once local
-- Waits for nobody: from the smallest slice that is enough and that nobody else holds, and nothing where there is none.
WITH chosen AS (
    SELECT asked.budget_id, asked.places, s.id
    FROM unnest($1::uuid[], $2::bigint[]) AS asked (budget_id, places)
    CROSS JOIN LATERAL (
        SELECT id
        FROM slices
        WHERE budget_id = asked.budget_id AND free >= asked.places
        ORDER BY free
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) s
)
UPDATE slices s
SET free = s.free - c.places
FROM chosen c
WHERE (s.budget_id, s.id) = (c.budget_id, c.id)
RETURNING s.budget_id, s.id;

-- name: hold_slices local
-- Waits for all who hold a slice of the budget. Those that are empty too: given back to while others are held, they would
-- be locked behind slices of higher ids.
SELECT id, free
FROM slices
WHERE budget_id = $1
ORDER BY id
FOR UPDATE;

-- name: change_slices local
-- Those that this transaction holds.
UPDATE slices s
SET free = s.free + change.places
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS change (budget_id, id, places)
WHERE (s.budget_id, s.id) = (change.budget_id, change.id);

-- name: find_budgets local
SELECT id
FROM budgets
WHERE id = ANY ($1);

-- name: hold_caps reference
SELECT id
FROM campaigns
WHERE id = ANY ($1)
ORDER BY id
FOR SHARE;

-- name: insert_budgets local
INSERT INTO budgets (id, campaign_id, store_id, day, cap, allotted)
SELECT new.id, new.campaign_id, new.store_id, new.day,
       CASE WHEN new.store_id IS NULL AND new.day IS NULL THEN k.cap
            WHEN new.day IS NULL THEN k.store_cap
            WHEN new.store_id IS NULL THEN k.day_cap
            ELSE k.store_day_cap END,
       0
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[]) AS new (id, campaign_id, store_id, day)
JOIN campaigns k ON k.id = new.campaign_id
ORDER BY new.id
ON CONFLICT DO NOTHING;

-- name: lock_budgets local
-- Whoever changes a slice twice in one transaction holds its budget's key: a lock that is for it too would wait for them.
SELECT id, cap - allotted AS unallotted
FROM budgets
WHERE id = ANY ($1)
ORDER BY id
FOR NO KEY UPDATE;

-- name: allot local
-- In one new slice a budget, with what small ones hold that nobody needs now ($2: how many places are wanted of each).
WITH asked AS (
    SELECT *
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS asked (budget_id, wanted, size)
), merged AS (
    DELETE FROM slices
    WHERE (budget_id, id) IN (
        SELECT s.budget_id, s.id
        FROM slices s
        JOIN asked a ON a.budget_id = s.budget_id AND s.free < a.wanted
        FOR UPDATE OF s SKIP LOCKED
    )
    RETURNING budget_id, free
), grown AS (
    UPDATE budgets b
    SET allotted = b.allotted + a.size
    FROM asked a
    WHERE b.id = a.budget_id
)
INSERT INTO slices (budget_id, free)
SELECT budget_id, sum(free)
FROM (SELECT budget_id, size AS free FROM asked UNION ALL SELECT budget_id, free FROM merged) AS parts
GROUP BY budget_id
HAVING sum(free) > 0
ORDER BY budget_id;

-- name: lock_campaign reference
SELECT id
FROM campaigns
WHERE id = $1
FOR NO KEY UPDATE;

-- name: lock_other_budgets local
-- Of a campaign, whose cap is another than it is to be.
SELECT b.id, b.day IS NOT NULL AS is_of_day, b.allotted, b.cap AS former_cap, new.cap
FROM budgets b
JOIN unnest(:of_store::boolean[], :of_day::boolean[], :cap::bigint[]) AS new (of_store, of_day, cap)
  ON new.of_store = (b.store_id IS NOT NULL) AND new.of_day = (b.day IS NOT NULL) AND new.cap <> b.cap
WHERE b.campaign_id = :campaign_id
ORDER BY b.id
FOR NO KEY UPDATE OF b;

-- name: take_back local
-- Waits for all who hold a slice of these budgets.
WITH held AS (
    SELECT budget_id, id
    FROM slices
    WHERE budget_id = ANY ($1)
    ORDER BY budget_id, id
    FOR UPDATE
), gone AS (
    DELETE FROM slices s
    USING held h
    WHERE (s.budget_id, s.id) = (h.budget_id, h.id)
    RETURNING s.budget_id, s.free
)
SELECT budget_id, sum(free)::bigint AS free
FROM gone
GROUP BY budget_id;

-- name: set_caps local
UPDATE budgets b
SET cap = new.cap, allotted = new.allotted
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS new (id, cap, allotted)
WHERE b.id = new.id;

-- name: purge_empty_slices local
DELETE FROM slices
WHERE (budget_id, id) IN (SELECT budget_id, id FROM slices WHERE free = 0 FOR UPDATE SKIP LOCKED);

-- name: purge_slices_of_old_days local
DELETE FROM slices
WHERE (budget_id, id) IN (
    SELECT s.budget_id, s.id
    FROM slices s
    JOIN budgets b ON b.id = s.budget_id
    WHERE b.day < $1
    ORDER BY s.budget_id, s.id
    FOR UPDATE OF s
);

-- name: purge_old_days local
DELETE FROM budgets
WHERE id IN (SELECT id FROM budgets WHERE day < $1 ORDER BY id FOR UPDATE);
