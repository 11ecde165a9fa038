-- What this package holds about a person: $1 are the member and all who became them.
-- Presences stay as empty tombstones with a higher version, so that no upload under way brings them back.

-- name: export_presences batch
SELECT member_id, device_id, version, watermark, stays, motion, next_due_at
FROM presences
WHERE member_id = ANY ($1)
ORDER BY member_id, device_id;

-- name: export_transitions batch
SELECT member_id, id, device_id, store_id, geofence_id, kind, cause, event_at, received_at, minutes
FROM transitions
WHERE member_id = ANY ($1)
ORDER BY member_id, received_at, id;

-- name: erase_presences batch
UPDATE presences
SET version = version + 1, watermark = NULL, stays = '[]', motion = '{}', next_due_at = NULL
WHERE member_id = ANY ($1);

-- name: erase_transitions batch
DELETE FROM transitions
WHERE member_id = ANY ($1);

-- name: delete_presences batch
DELETE FROM presences
WHERE member_id = ANY ($1);
