-- name: insert_transitions
INSERT INTO transitions (member_id, received_at, id, program_id, device_id, store_id, geofence_id, kind, cause,
                         event_at, decisions)
SELECT *
FROM unnest(:member_id::uuid[], :received_at::timestamptz[], :id::uuid[], :program_id::uuid[], :device_id::uuid[],
            :store_id::uuid[], :geofence_id::uuid[], :kind::text[], :cause::text[], :event_at::timestamptz[],
            :decisions::jsonb[]);

-- name: list_transitions
SELECT id, member_id, store_id, geofence_id, kind, cause, event_at, received_at, decisions
FROM transitions
WHERE program_id = $1 AND store_id = $2 AND id < $3
ORDER BY id DESC
LIMIT $4;

-- name: list_partitions
SELECT c.relname AS name
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'transitions'::regclass;

-- name: create_partition
-- DDL takes no parameters: format() quotes the name and the bounds.
SELECT format('CREATE TABLE IF NOT EXISTS %I PARTITION OF transitions FOR VALUES FROM (%L) TO (%L)',
              $1::text, $2::timestamptz, $3::timestamptz);

-- name: empty_default_partition
DELETE FROM transitions_default
WHERE received_at < $1;

-- name: drop_partition
SELECT format('DROP TABLE IF EXISTS %I', $1::text);
