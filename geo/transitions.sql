-- name: insert_transitions batch
INSERT INTO transitions (member_id, received_at, id, program_id, device_id, store_id, geofence_id, kind, cause,
                         event_at, minutes)
SELECT *
FROM unnest(:member_id::uuid[], :received_at::timestamptz[], :id::uuid[], :program_id::uuid[], :device_id::uuid[],
            :store_id::uuid[], :geofence_id::uuid[], :kind::text[], :cause::text[], :event_at::timestamptz[],
            :minutes::smallint[]);

-- name: list_transitions_of_store fan-out page
SELECT id, member_id, store_id, geofence_id, kind, cause, event_at, received_at, minutes
FROM transitions
WHERE program_id = :program_id AND store_id = :store_id AND id < :before
  AND (:member_ids::uuid[] IS NULL OR member_id = ANY (:member_ids))
ORDER BY id DESC
LIMIT :fetch_count;

-- name: list_transitions_of_member batch
SELECT id, member_id, store_id, geofence_id, kind, cause, event_at, received_at, minutes
FROM transitions
WHERE member_id = ANY ($1) AND id < $2
ORDER BY id DESC
LIMIT $3;
