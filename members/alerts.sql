-- name: insert_alert one
INSERT INTO alerts (member_id, id, program_id, kind, device_id, contact_kind, former_hash, former_sealed_value,
                    former_stands_at, objection_hash, created_at)
VALUES (:member_id, :id, :program_id, :kind, :device_id, :contact_kind, :former_hash, :former_sealed_value,
        :former_stands_at, :objection_hash, :created_at);

-- name: find_alert_by_objection fan-out rarely
SELECT member_id, id, program_id, kind, device_id, contact_kind, former_hash, former_sealed_value, former_stands_at,
       created_at, stopped_at
FROM alerts
WHERE objection_hash = $1 AND created_at > $2;

-- name: find_alert_of_device one
SELECT id
FROM alerts
WHERE member_id = $1 AND device_id = $2 AND kind = $3 AND created_at > $4
LIMIT 1;

-- name: find_contact_alert one
SELECT id
FROM alerts
WHERE member_id = $1 AND kind = 'contact' AND created_at > $2 AND stopped_at IS NULL
LIMIT 1;

-- name: stop_alert one
UPDATE alerts
SET stopped_at = $3
WHERE member_id = $1 AND id = $2 AND stopped_at IS NULL
RETURNING id;

-- name: purge_alerts fan-out hourly
DELETE FROM alerts
WHERE created_at < $1;
