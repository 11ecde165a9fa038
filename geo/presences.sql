-- name: insert_presences batch
INSERT INTO presences (member_id, device_id, program_id, version)
SELECT member_id, device_id, program_id, 0
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS new (member_id, device_id, program_id);

-- name: swap_presences batch
-- Compare and swap: a row is written only if it still has the version that was read. The rows are offered in
-- key order, so that two batches take their locks in the same order.
INSERT INTO presences AS held (member_id, device_id, program_id, version, watermark, stays, motion, next_due_at)
SELECT member_id, device_id, program_id, version + 1, watermark, stays, motion, next_due_at
FROM unnest(:member_id::uuid[], :device_id::uuid[], :program_id::uuid[], :version::bigint[], :watermark::timestamptz[],
            :stays::jsonb[], :motion::jsonb[], :next_due_at::timestamptz[])
     AS new (member_id, device_id, program_id, version, watermark, stays, motion, next_due_at)
ORDER BY member_id, device_id
ON CONFLICT (member_id, device_id) DO UPDATE
SET version = excluded.version, watermark = excluded.watermark, stays = excluded.stays, motion = excluded.motion,
    next_due_at = excluded.next_due_at
WHERE held.version = excluded.version - 1
RETURNING device_id;

-- name: swap_presences_and_record batch
-- The same, and the transitions of the rows that were written: three round trips less than a transaction around two
-- statements. Not for a spread database, whose engine would not push the second INSERT down to the shards.
WITH swapped AS (
    INSERT INTO presences AS held (member_id, device_id, program_id, version, watermark, stays, motion, next_due_at)
    SELECT member_id, device_id, program_id, version + 1, watermark, stays, motion, next_due_at
    FROM unnest(:member_id::uuid[], :device_id::uuid[], :program_id::uuid[], :version::bigint[],
                :watermark::timestamptz[], :stays::jsonb[], :motion::jsonb[], :next_due_at::timestamptz[])
         AS new (member_id, device_id, program_id, version, watermark, stays, motion, next_due_at)
    ORDER BY member_id, device_id
    ON CONFLICT (member_id, device_id) DO UPDATE
    SET version = excluded.version, watermark = excluded.watermark, stays = excluded.stays, motion = excluded.motion,
        next_due_at = excluded.next_due_at
    WHERE held.version = excluded.version - 1
    RETURNING member_id, device_id, program_id
), recorded AS (
    INSERT INTO transitions (member_id, received_at, id, program_id, device_id, store_id, geofence_id, kind, cause,
                             event_at, minutes)
    SELECT swapped.member_id, new.received_at, new.id, swapped.program_id, device_id, new.store_id, new.geofence_id,
           new.kind, new.cause, new.event_at, new.minutes
    FROM unnest(:moved_device_id::uuid[], :received_at::timestamptz[], :id::uuid[], :store_id::uuid[],
                :geofence_id::uuid[], :kind::text[], :cause::text[], :event_at::timestamptz[], :minutes::smallint[])
         AS new (device_id, received_at, id, store_id, geofence_id, kind, cause, event_at, minutes)
    JOIN swapped USING (device_id)
)
SELECT device_id
FROM swapped;

-- name: find_presence one
SELECT watermark, stays, motion
FROM presences
WHERE member_id = $1 AND device_id = $2;

-- name: clear_places one
-- A higher version, so that no swap that is under way brings them back.
UPDATE presences
SET version = version + 1, stays = '[]', motion = '{}', next_due_at = NULL
WHERE member_id = $1;

-- name: find_due_presences fan-out round
SELECT member_id, device_id
FROM presences
WHERE next_due_at <= $1
ORDER BY next_due_at
LIMIT $2;

-- name: purge_due batch
-- Of devices that may not be swept. One that is written meanwhile has a new due time and keeps it.
UPDATE presences p
SET next_due_at = NULL
FROM unnest($1::uuid[], $2::uuid[]) AS gone (member_id, device_id)
WHERE (p.member_id, p.device_id) = (gone.member_id, gone.device_id) /* spread: AND p.member_id = ANY ($1) */ AND p.next_due_at <= $3;
