-- name: insert_counted batch
INSERT INTO code_uses (member_id, serial, step, till_id, store_id, at, reported_at, is_offline)
SELECT member_id, serial, step, till_id, store_id, at, reported_at, is_offline
FROM unnest(:member_id::uuid[], :serial::bytea[], :step::bigint[], :till_id::uuid[], :store_id::uuid[],
            :at::timestamptz[], :reported_at::timestamptz[], :is_offline::bool[])
     AS new (member_id, serial, step, till_id, store_id, at, reported_at, is_offline)
ORDER BY member_id, serial, step
ON CONFLICT DO NOTHING
RETURNING member_id, serial, step;

-- name: insert_uses batch
-- Of members who have shown no code for a while.
INSERT INTO code_uses (member_id, serial, step, till_id, store_id, at, reported_at, is_offline)
SELECT member_id, serial, step, till_id, store_id, at, reported_at, is_offline
FROM unnest(:member_id::uuid[], :serial::bytea[], :step::bigint[], :till_id::uuid[], :store_id::uuid[],
            :at::timestamptz[], :reported_at::timestamptz[], :is_offline::bool[])
     AS new (member_id, serial, step, till_id, store_id, at, reported_at, is_offline)
ORDER BY member_id, serial, step;

-- name: insert_duplicates batch
INSERT INTO code_uses (member_id, serial, step, copy_till_id, till_id, store_id, at, reported_at, is_offline)
SELECT member_id, serial, step, till_id, till_id, store_id, at, reported_at, is_offline
FROM unnest(:member_id::uuid[], :serial::bytea[], :step::bigint[], :till_id::uuid[], :store_id::uuid[],
            :at::timestamptz[], :reported_at::timestamptz[], :is_offline::bool[])
     AS new (member_id, serial, step, till_id, store_id, at, reported_at, is_offline)
ORDER BY member_id, serial, step, till_id
ON CONFLICT DO NOTHING;

-- name: find_counted batch
SELECT member_id, serial, step, till_id
FROM code_uses
WHERE (member_id, serial, step) IN (SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bigint[]))
  /* spread: AND member_id = ANY ($1) */ AND is_counted;

-- name: purge_code_uses fan-out hourly
DELETE FROM code_uses
WHERE reported_at < $1;
