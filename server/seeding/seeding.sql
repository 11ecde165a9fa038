-- name: insert_rules reference
-- Points began ninety days ago.
INSERT INTO point_rules (program_id, currency, amount_step, step_points, visit_points, valid_days, time_zone, changed_at)
VALUES (:program_id, 'JPY', 100, 1, 10, 365, :time_zone, :now::timestamptz - interval '90 days')
ON CONFLICT (program_id) DO NOTHING;

-- name: insert_stores reference
INSERT INTO stores (id, program_id, code, name, time_zone, location, day_start_hour, version, created_at)
SELECT id, :program_id, 'seeded-' || lpad(number::text, 5, '0'), 'Store ' || number, :time_zone,
       ST_SetSRID(ST_MakePoint(139.4 + 0.6 * random(), 35.5 + 0.3 * random()), 4326)::geography, 4, :version, :now
FROM unnest(:id::uuid[]) WITH ORDINALITY AS new (id, number);

-- name: insert_tills reference
INSERT INTO tills (id, program_id, store_id, name, key_hash, created_at)
SELECT id, :program_id, store_id, 'Till 1', key_hash, :now
FROM unnest(:id::uuid[], :store_id::uuid[], :key_hash::bytea[]) AS new (id, store_id, key_hash);

-- name: find_ground reference
-- The stores in their order, with their tills; the first one's time is that of the whole seeding.
SELECT s.id AS store_id, t.id AS till_id, s.created_at
FROM stores s
JOIN tills t ON t.store_id = s.id AND t.name = 'Till 1'
WHERE s.program_id = $1 AND s.code LIKE 'seeded-%'
ORDER BY s.code;

-- name: find_campaign reference
SELECT id
FROM campaigns
WHERE program_id = $1 AND name = 'Once a week';

-- name: has_members fan-out bench
SELECT EXISTS (SELECT FROM members WHERE program_id = $1);

-- name: find_there batch
SELECT member_id
FROM members
WHERE member_id = ANY ($1);

-- name: insert_contacts batch
WITH claimed AS (
    UPDATE members m
    SET verified_at = m.created_at
    FROM unnest($2::uuid[]) AS c (member_id)
    WHERE m.member_id = c.member_id
)
INSERT INTO handles (program_id, kind, value_hash, member_id, sealed_value, stands_at)
SELECT $1, 'email', value_hash, member_id, sealed_value, m.created_at
FROM unnest($2::uuid[], $3::bytea[], $4::bytea[]) AS new (member_id, value_hash, sealed_value)
JOIN members m USING (member_id);

-- name: insert_history batch
-- All that a chunk's members have done, in one statement. `day_count`: on how many days up to `last_day` they can have
-- come; `visit_count`: on how many they have; `home`: their store's place in `store_ids`, with its till in `till_ids`.
-- Of n visits on d days the i-th falls into the i-th n-th of the days, a day apart from the next at least.
-- Every thirtieth visit that earns points spends them all. `stamp` is the time of a UUID of version 7.
WITH drawn AS (
    SELECT p.member_id,
           :last_day::date - p.day_count + 1 + floor(i * p.day_count::float8 / p.visit_count
                                                     + random() * (p.day_count::float8 / p.visit_count - 1))::int AS day,
           CASE WHEN random() < 0.8 THEN p.home
                ELSE floor(cardinality(:store_ids::uuid[]) * random())::int END + 1 AS place,
           interval '7 hours' + random() * interval '15 hours' AS hour,
           random() AS luck
    FROM unnest(:member_id::uuid[], :day_count::int[], :visit_count::int[], :home::int[]) AS p (member_id, day_count,
                                                                                                visit_count, home)
    CROSS JOIN generate_series(0, p.visit_count - 1) AS i
), timed AS (
    SELECT *, (:store_ids::uuid[])[place] AS store_id, (:till_ids::uuid[])[place] AS till_id,
           (day + hour) AT TIME ZONE :time_zone::text AS at
    FROM drawn
), came AS MATERIALIZED (
    SELECT *, day > :last_day::date - 90 AS earns,
           CASE WHEN luck < 0.7 OR luck >= 0.95 THEN 5 ELSE 1 END AS trust,
           overlay(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '-7' PLACING '-' FROM 9 FOR 0) AS stamp
    FROM timed
), visited AS (
    INSERT INTO visits (member_id, store_id, business_day, program_id, first_at, trust)
    SELECT member_id, store_id, day, :program_id, at, trust
    FROM came
), proved AS (
    INSERT INTO visit_evidence (member_id, id, store_id, business_day, kind, till_id, at, trust)
    SELECT member_id, overlay(gen_random_uuid()::text PLACING stamp FROM 1 FOR 15)::uuid, store_id, day,
           CASE WHEN luck < 0.7 THEN 'rotating_code' WHEN luck < 0.95 THEN 'card_number' ELSE 'totp_code' END,
           till_id, at, trust
    FROM came
), earned AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY member_id ORDER BY day) - 1 AS number,
           (day + 366)::timestamp AT TIME ZONE :time_zone::text AS expires_at,
           to_char((day + 366)::timestamp AT TIME ZONE :time_zone::text AT TIME ZONE 'UTC',
                   'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expiry
    FROM came
    WHERE earns
), rounds AS MATERIALIZED (
    SELECT member_id, count(*) AS visit_count, max(at) + interval '1 minute' AS at, min(expires_at) AS expires_at,
           jsonb_agg(jsonb_build_array(expiry, -10) ORDER BY number) AS lots,
           (array_agg(store_id ORDER BY number DESC))[1] AS store_id,
           (array_agg(till_id ORDER BY number DESC))[1] AS till_id,
           overlay(lpad(to_hex((extract(epoch FROM max(at)) * 1000)::bigint + 60000), 12, '0') || '-7'
                   PLACING '-' FROM 9 FOR 0) AS stamp
    FROM earned
    GROUP BY member_id, number / 30
), opened AS (
    INSERT INTO point_accounts (member_id, program_id, balance, next_expiry_at)
    SELECT member_id, :program_id, coalesce(sum(10 * visit_count) FILTER (WHERE visit_count < 30), 0),
           min(expires_at) FILTER (WHERE visit_count < 30)
    FROM rounds
    GROUP BY member_id
), held AS (
    INSERT INTO point_lots (member_id, expires_at, remaining)
    SELECT e.member_id, e.expires_at, 10
    FROM earned e
    JOIN rounds r ON r.member_id = e.member_id AND r.visit_count < 30 AND e.expires_at >= r.expires_at
), posted AS (
    INSERT INTO point_postings (member_id, id, program_id, kind, points, owed_change, balance_after, lots, cause,
                                source_key, store_id, actor, at)
    SELECT member_id, overlay(gen_random_uuid()::text PLACING stamp FROM 1 FOR 15)::uuid, :program_id, 'earn', 10, 0,
           10 * (number % 30 + 1), jsonb_build_array(jsonb_build_array(expiry, 10)), 'visit',
           'visit:' || store_id || ':' || day, store_id, 'till:' || till_id, at
    FROM earned
    UNION ALL
    SELECT member_id, overlay(gen_random_uuid()::text PLACING stamp FROM 1 FOR 15)::uuid, :program_id, 'spend', -300,
           0, 0, lots, 'till', 'spend:' || gen_random_uuid(), store_id, 'till:' || till_id, at
    FROM rounds
    WHERE visit_count = 30
), issued AS (
    INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, store_id, event_at, business_day, issued_at,
                         expires_at)
    SELECT DISTINCT ON (member_id, date_trunc('week', day))
           member_id, overlay(gen_random_uuid()::text PLACING stamp FROM 1 FOR 15)::uuid, :program_id, :campaign_id,
           to_char(day, 'IYYY"-W"IW'), store_id, at, day::date, at,
           at + interval '28 days'
    FROM earned
    ORDER BY member_id, date_trunc('week', day), day
    RETURNING member_id, id, store_id, issued_at
)
INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, till_id, redemption_id, redeemed_at)
SELECT i.member_id, i.id, :program_id, :campaign_id, i.store_id, t.till_id, i.id, i.issued_at + interval '1 day'
FROM issued i
JOIN unnest(:store_ids::uuid[], :till_ids::uuid[]) AS t (store_id, till_id) ON t.store_id = i.store_id
WHERE random() < 0.4 AND i.issued_at + interval '2 days' < :last_day::timestamp AT TIME ZONE :time_zone::text;

-- name: take_time local
-- In this transaction: a machine that is busy with this may be slow.
SELECT set_config('statement_timeout', $1::text, true);

-- name: check_sets_instead_of_rows local
-- Looking up each row's parents takes most of a seeding's time. Whoever may (a superuser, mostly) leaves that out until
-- the commit, and `find_orphans` looks them up for all rows of a chunk at once.
SELECT set_config('session_replication_role', 'replica', true)
WHERE has_parameter_privilege(current_user, 'session_replication_role', 'SET');

-- name: count_orphans fan-out bench
-- Parents that are missing, of all rows of the members from $1 to $2, who are a chunk: none. Sets and no joins: a
-- planner that has never seen the rows of the last minutes would choose nested loops.
WITH came AS NOT MATERIALIZED (
    SELECT * FROM visits WHERE member_id BETWEEN $1 AND $2
), proofs AS NOT MATERIALIZED (
    SELECT * FROM visit_evidence WHERE member_id BETWEEN $1 AND $2
), holders AS NOT MATERIALIZED (
    SELECT * FROM point_accounts WHERE member_id BETWEEN $1 AND $2
), postings AS NOT MATERIALIZED (
    SELECT * FROM point_postings WHERE member_id BETWEEN $1 AND $2
), issued AS NOT MATERIALIZED (
    SELECT * FROM coupons WHERE member_id BETWEEN $1 AND $2
), redeemed AS NOT MATERIALIZED (
    SELECT * FROM redemptions WHERE member_id BETWEEN $1 AND $2
)
SELECT (SELECT count(*) FROM (
           (SELECT member_id FROM came UNION SELECT member_id FROM holders UNION SELECT member_id FROM issued)
           EXCEPT SELECT member_id FROM members WHERE member_id BETWEEN $1 AND $2) AS a)
     + (SELECT count(*) FROM (
           SELECT member_id, store_id, business_day FROM proofs
           EXCEPT SELECT member_id, store_id, business_day FROM came) AS b)
     + (SELECT count(*) FROM (
           (SELECT member_id FROM postings UNION SELECT member_id FROM point_lots WHERE member_id BETWEEN $1 AND $2)
           EXCEPT SELECT member_id FROM holders) AS c)
     + (SELECT count(*) FROM (
           SELECT member_id, coupon_id FROM redeemed EXCEPT SELECT member_id, id FROM issued) AS d)
     + (SELECT count(*) FROM (
           (SELECT store_id FROM came UNION SELECT store_id FROM postings UNION SELECT store_id FROM issued
            UNION SELECT store_id FROM redeemed)
           EXCEPT SELECT id FROM stores) AS e)
     + (SELECT count(*) FROM (
           (SELECT till_id FROM proofs UNION SELECT till_id FROM redeemed) EXCEPT SELECT id FROM tills) AS f)
     + (SELECT count(*) FROM (
           (SELECT program_id FROM came UNION SELECT program_id FROM holders UNION SELECT program_id FROM postings
            UNION SELECT program_id FROM issued UNION SELECT program_id FROM redeemed)
           EXCEPT SELECT id FROM programs) AS g)
     + (SELECT count(*) FROM (SELECT campaign_id FROM issued EXCEPT SELECT id FROM campaigns) AS h);
