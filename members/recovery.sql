-- name: upsert_recovery_credential one
-- One a device: the browser that asks anew has lost the one before, or wants it for longer.
INSERT INTO recovery_credentials (member_id, device_id, program_id, secret_hash, created_at, expires_at)
VALUES (:member_id, :device_id, :program_id, :secret_hash, :created_at, :expires_at)
ON CONFLICT (member_id, device_id) DO UPDATE
SET secret_hash = excluded.secret_hash, created_at = excluded.created_at, expires_at = excluded.expires_at;

-- name: find_recoverable_device one
-- Only as long as its device is signed in: whatever signs that out deletes the credential (members/devices.sql).
SELECT r.device_id
FROM recovery_credentials r
JOIN devices d ON d.member_id = r.member_id AND d.id = r.device_id
WHERE r.member_id = :member_id AND r.program_id = :program_id AND r.secret_hash = :secret_hash AND r.expires_at > :now
  AND d.revoked_at IS NULL;

-- name: move_recovery_credential one
UPDATE recovery_credentials
SET device_id = :to_device, expires_at = :expires_at
WHERE member_id = :member_id AND device_id = :from_device;

-- name: delete_recovery_credential one
DELETE FROM recovery_credentials
WHERE member_id = $1 AND secret_hash = $2;

-- name: purge_recovery_credentials fan-out hourly
DELETE FROM recovery_credentials
WHERE expires_at <= $1;
