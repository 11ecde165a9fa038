-- name: find_google_pass one
SELECT member_id, pass_id, program_id, synced_hash, lease_until, failures
FROM google_passes
WHERE member_id = $1;

-- name: insert_google_pass one
INSERT INTO google_passes (member_id, pass_id, program_id, next_poll_at, created_at)
VALUES (:member_id, :pass_id, :program_id, :next_poll_at, :created_at);

-- name: record_synced one
UPDATE google_passes
SET synced_hash = $3
WHERE member_id = $1 AND pass_id = $2
RETURNING member_id;

-- name: record_polls batch
-- The lease's end is the fence against a worker whose lease ran out. A pass that has ended is missing in the answer too.
UPDATE google_passes AS g
SET synced_hash = new.synced_hash, next_poll_at = new.next_poll_at, failures = new.failures, lease_until = NULL
FROM unnest(:member_id::uuid[], :pass_id::uuid[], :lease_until::timestamptz[], :synced_hash::bytea[],
            :next_poll_at::timestamptz[], :failures::smallint[])
     AS new (member_id, pass_id, lease_until, synced_hash, next_poll_at, failures)
WHERE (g.member_id, g.pass_id) = (new.member_id, new.pass_id) /* spread: AND g.member_id = ANY (:member_id) */ AND g.lease_until = new.lease_until
RETURNING g.pass_id;

-- name: delete_google_passes batch
DELETE FROM google_passes
WHERE member_id = ANY ($1)
RETURNING pass_id;

-- name: upsert_google_endings local
-- A worker that is sending one at this moment finds its lease gone and records nothing: the ending is sent once more.
INSERT INTO google_endings (pass_id, ended_at, next_attempt_at)
SELECT pass_id, $2, $2
FROM unnest($1::uuid[]) AS new (pass_id)
ON CONFLICT (pass_id) DO UPDATE
SET next_attempt_at = excluded.next_attempt_at, lease_until = NULL;

-- name: delete_google_ending local
DELETE FROM google_endings
WHERE pass_id = $1 AND lease_until = $2;

-- name: postpone_google_ending local
UPDATE google_endings
SET next_attempt_at = $3, failures = $4, lease_until = NULL
WHERE pass_id = $1 AND lease_until = $2;

-- name: purge_google_endings local
DELETE FROM google_endings
WHERE ended_at < $1;
