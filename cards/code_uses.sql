-- name: insert_counted
INSERT INTO code_uses (member_id, serial, step, till_id, store_id, at, reported_at, is_offline, is_counted)
SELECT member_id, serial, step, till_id, store_id, at, reported_at, is_offline, true
FROM unnest(
         $1::uuid[], $2::bytea[], $3::bigint[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::timestamptz[], $8::bool[]
     )
     AS new (member_id, serial, step, till_id, store_id, at, reported_at, is_offline)
ORDER BY member_id, serial, step
ON CONFLICT DO NOTHING
RETURNING member_id, serial, step;

-- name: insert_duplicates
INSERT INTO code_uses (member_id, serial, step, till_id, store_id, at, reported_at, is_offline, is_counted)
SELECT member_id, serial, step, till_id, store_id, at, reported_at, is_offline, false
FROM unnest(
         $1::uuid[], $2::bytea[], $3::bigint[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::timestamptz[], $8::bool[]
     )
     AS new (member_id, serial, step, till_id, store_id, at, reported_at, is_offline)
ORDER BY member_id, serial, step, till_id
ON CONFLICT DO NOTHING;

-- name: find_counted
SELECT member_id, serial, step, till_id
FROM code_uses
WHERE (member_id, serial, step) IN (SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bigint[])) AND is_counted;

-- name: purge_code_uses
DELETE FROM code_uses
WHERE reported_at < $1;
