-- name: insert_run reference
INSERT INTO import_runs (id, program_id, state, is_dry_run, file_name, file_sha256, byte_count, started_by, created_at)
VALUES (:id, :program_id, 'waiting', :is_dry_run, :file_name, :file_sha256, :byte_count, :started_by, :now)
ON CONFLICT (program_id) WHERE state IN ('waiting', 'running') DO NOTHING
RETURNING id;

-- name: find_open_run reference
SELECT id, program_id, state, is_dry_run, file_name, file_sha256, byte_count, started_by, reading, rows_total, rows_read,
       created, updated, unchanged, refused, remarks, refusal, created_at, ended_at,
       coalesce(lease_until > current_timestamp, false) AS is_leased
FROM import_runs
WHERE program_id = $1 AND state IN ('waiting', 'running');

-- name: find_run reference
SELECT id, program_id, state, is_dry_run, file_name, file_sha256, byte_count, started_by, reading, rows_total, rows_read,
       created, updated, unchanged, refused, remarks, refusal, created_at, ended_at,
       coalesce(lease_until > current_timestamp, false) AS is_leased
FROM import_runs
WHERE program_id = $1 AND id = $2;

-- name: list_runs reference
SELECT id, program_id, state, is_dry_run, file_name, file_sha256, byte_count, started_by, reading, rows_total, rows_read,
       created, updated, unchanged, refused, remarks, refusal, created_at, ended_at,
       coalesce(lease_until > current_timestamp, false) AS is_leased
FROM import_runs
WHERE program_id = $1 AND id < $2
ORDER BY id DESC
LIMIT $3;

-- name: find_sent_runs local
-- Whose file was sent, and at which no process is.
SELECT r.id, r.program_id
FROM import_runs r
WHERE r.state IN ('waiting', 'running') AND coalesce(r.lease_until <= current_timestamp, true)
  AND EXISTS (SELECT FROM import_file_pieces p WHERE p.run_id = r.id)
ORDER BY r.id
LIMIT 1;

-- name: lease_run reference
UPDATE import_runs
SET lease_until = current_timestamp + make_interval(secs => $2), state = 'running', fruitless_tries = fruitless_tries + 1
WHERE id = $1 AND state IN ('waiting', 'running') AND (lease_until IS NULL OR lease_until <= current_timestamp)
RETURNING fruitless_tries;

-- name: set_reading reference
UPDATE import_runs
SET reading = $2, rows_total = $3
WHERE id = $1;

-- name: advance_run reference
-- The batch and its progress are one transaction: of two processes at one run, the second finds another `rows_read`.
UPDATE import_runs
SET rows_read = :rows_read, fruitless_tries = 0, lease_until = current_timestamp + make_interval(secs => :lease_s)
WHERE id = :id AND state = 'running' AND rows_read = :former_rows_read
RETURNING id;

-- name: count_rows reference
UPDATE import_runs
SET created = created + :created, updated = updated + :updated, unchanged = unchanged + :unchanged,
    refused = refused + :refused, remarks = remarks + :remarks
WHERE id = :id
RETURNING refused + remarks;

-- name: end_run reference
UPDATE import_runs
SET state = $2, refusal = $3, ended_at = $4, lease_until = NULL
WHERE id = $1 AND state IN ('waiting', 'running')
RETURNING id;

-- name: insert_file_piece local
INSERT INTO import_file_pieces (run_id, place, sealed_bytes)
VALUES ($1, $2, $3);

-- name: find_file_piece local
SELECT sealed_bytes
FROM import_file_pieces
WHERE run_id = $1 AND place = $2;

-- name: delete_file_pieces local
DELETE FROM import_file_pieces
WHERE run_id = $1;

-- name: insert_faults local
INSERT INTO import_faults (run_id, place, line, is_refused, reason)
SELECT :run_id, place, line, is_refused, reason
FROM unnest(:place::int[], :line::int[], :is_refused::bool[], :reason::text[]) AS new (place, line, is_refused, reason);

-- name: list_faults local
SELECT place, line, is_refused, reason
FROM import_faults
WHERE run_id = $1
ORDER BY place;

-- name: purge_faults local
DELETE FROM import_faults
WHERE run_id IN (SELECT id FROM import_runs WHERE ended_at < $1);

-- name: insert_sightings local
INSERT INTO import_sightings (run_id, value_hash, line)
SELECT $1, value_hash, line
FROM unnest($2::bytea[], $3::int[]) AS new (value_hash, line)
ON CONFLICT (run_id, value_hash) DO NOTHING;

-- name: find_sightings local
SELECT value_hash, line
FROM import_sightings
WHERE run_id = $1 AND value_hash = ANY ($2);

-- name: delete_sightings local
DELETE FROM import_sightings
WHERE run_id = $1;
