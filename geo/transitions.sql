-- name: insert_transitions
INSERT INTO transitions (member_id, received_at, id, program_id, device_id, store_id, geofence_id, kind, cause,
                         event_at, decisions)
SELECT *
FROM unnest(:member_id::uuid[], :received_at::timestamptz[], :id::uuid[], :program_id::uuid[], :device_id::uuid[],
            :store_id::uuid[], :geofence_id::uuid[], :kind::text[], :cause::text[], :event_at::timestamptz[],
            :decisions::jsonb[]);

-- name: list_transitions_of_store
SELECT id, member_id, store_id, geofence_id, kind, cause, event_at, received_at, decisions
FROM transitions
WHERE program_id = :program_id AND store_id = :store_id AND id < :before
  AND (:member_ids::uuid[] IS NULL OR member_id = ANY (:member_ids))
ORDER BY id DESC
LIMIT :fetch_count;

-- name: list_transitions_of_member
SELECT id, member_id, store_id, geofence_id, kind, cause, event_at, received_at, decisions
FROM transitions
WHERE member_id = ANY ($1) AND id < $2
ORDER BY id DESC
LIMIT $3;

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
