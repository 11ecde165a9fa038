-- What the server itself holds about a person: $1 are the member and all who became them.
-- Records that the member's devices left, and those of tills, staff and enrolments that name the member; their answers
-- could be read with the Idempotency-Keys only. An export has the first ones: the others are records of other people.

-- name: export_idempotency_records batch
SELECT principal, status, created_at
FROM idempotency_records
WHERE principal IN (SELECT 'device:' || id FROM devices WHERE member_id = ANY ($1))
ORDER BY principal, created_at, key_hash;

-- name: find_idempotency_records batch
SELECT 'device:' || id AS principal
FROM devices
WHERE member_id = ANY ($1);

-- name: erase_idempotency_records local
DELETE FROM idempotency_records
WHERE member_ids && $1 OR principal = ANY ($2::text[]);
