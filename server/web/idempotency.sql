-- name: try_locks local
-- Held until the transaction ends: whoever cannot get one met the same request in flight.
SELECT key, pg_try_advisory_xact_lock(key) AS got
FROM unnest($1::bigint[]) AS key;

-- name: find_records local
SELECT principal, key_hash, request_hash, status, sealed_answer
FROM idempotency_records
WHERE (principal, key_hash) IN (SELECT * FROM unnest($1::text[], $2::bytea[])) AND created_at > $3;

-- name: save_records local
-- An array of arrays would have to be a rectangle: `member_ids` come as text.
INSERT INTO idempotency_records (principal, key_hash, request_hash, status, sealed_answer, member_ids, created_at)
SELECT principal, key_hash, request_hash, status, sealed_answer, member_ids::uuid[], created_at
FROM unnest(:principal::text[], :key_hash::bytea[], :request_hash::bytea[], :status::smallint[],
            :sealed_answer::bytea[], :member_ids::text[], :created_at::timestamptz[])
     AS new (principal, key_hash, request_hash, status, sealed_answer, member_ids, created_at)
ORDER BY principal, key_hash
ON CONFLICT (principal, key_hash) DO UPDATE
SET request_hash = excluded.request_hash, status = excluded.status, sealed_answer = excluded.sealed_answer,
    member_ids = excluded.member_ids, created_at = excluded.created_at;

-- name: purge_records local
DELETE FROM idempotency_records
WHERE created_at < $1;
