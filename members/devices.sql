-- name: insert_devices batch
INSERT INTO devices (member_id, id, program_id, platform, locale, token_hash, created_at, language, app_version,
                     last_seen_at)
SELECT new.*, new.created_at
FROM unnest(:member_id::uuid[], :id::uuid[], :program_id::uuid[], :platform::text[], :locale::text[],
            :token_hash::bytea[], :created_at::timestamptz[], :language::text[], :app_version::text[])
     AS new (member_id, id, program_id, platform, locale, token_hash, created_at, language, app_version);

-- name: find_device one
SELECT d.member_id, d.id, d.program_id, d.platform, d.locale, d.language, d.app_version, d.token_hash,
       d.former_token_hash, d.former_token_until, d.push_token_kind, d.push_token_state, d.created_at, d.last_seen_at
FROM devices d
JOIN members m ON m.member_id = d.member_id
WHERE d.member_id = $1 AND d.id = $2 AND d.revoked_at IS NULL AND m.state = 'active';

-- name: list_devices one
SELECT member_id, id, program_id, platform, locale, language, app_version, token_hash, push_token_kind,
       push_token_state, created_at, last_seen_at
FROM devices
WHERE member_id = $1 AND revoked_at IS NULL
ORDER BY last_seen_at DESC, id DESC;

-- name: rotate_token one
UPDATE devices
SET token_hash = :new_hash, former_token_hash = :former_hash, former_token_until = :former_until
WHERE member_id = :member_id AND id = :id AND revoked_at IS NULL;

-- name: set_last_seen batch
-- One that somebody else is writing is left out: it will be seen again, and nobody waits.
WITH seen AS (
    SELECT d.member_id, d.id
    FROM devices d
    JOIN unnest($1::uuid[], $2::uuid[]) AS asked (member_id, id) ON (d.member_id, d.id) = (asked.member_id, asked.id)
    WHERE d.revoked_at IS NULL AND d.last_seen_at <= $4 /* spread: AND d.member_id = ANY ($1) */
    FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE devices d
SET last_seen_at = $3
FROM seen
WHERE (d.member_id, d.id) = (seen.member_id, seen.id) /* spread: AND d.member_id = ANY ($1) */;

-- name: set_push_token one
UPDATE devices
SET push_token = $3, push_token_kind = $4, push_token_state = CASE WHEN $3::text IS NULL THEN NULL ELSE 'active' END
WHERE member_id = $1 AND id = $2;

-- name: change_device one
-- An app that does not tell its version leaves what was told.
UPDATE devices
SET locale = :locale, language = :language, app_version = coalesce(:app_version, app_version)
WHERE member_id = :member_id AND id = :id;

-- name: revoke_device one
-- With what would bring it back.
WITH ended AS (
    DELETE FROM recovery_credentials WHERE member_id = $1 AND device_id = $2
)
UPDATE devices
SET revoked_at = $3, push_token = NULL, push_token_kind = NULL, push_token_state = NULL
WHERE member_id = $1 AND id = $2;

-- name: revoke_devices one
WITH ended AS (
    DELETE FROM recovery_credentials WHERE member_id = $1
)
UPDATE devices
SET revoked_at = $2, push_token = NULL, push_token_kind = NULL, push_token_state = NULL
WHERE member_id = $1 AND revoked_at IS NULL;

-- name: find_push_token one
SELECT push_token, push_token_kind
FROM devices
WHERE member_id = $1 AND id = $2 AND push_token_state = 'active';

-- name: find_merged_device one
-- Only the devices that the merge itself revoked: at the very moment at which their member became another.
SELECT d.member_id, d.id, d.program_id, d.platform, d.locale, d.language, d.app_version, d.token_hash,
       d.former_token_hash, d.former_token_until, d.push_token_kind, d.push_token_state, d.created_at, d.last_seen_at
FROM devices d
JOIN members m ON m.member_id = d.member_id
WHERE d.member_id = $1 AND d.id = $2 AND m.state = 'merged' AND d.revoked_at = m.state_changed_at;

-- name: find_blocked_device one
SELECT d.member_id, d.id, d.program_id, d.platform, d.locale, d.language, d.app_version, d.token_hash,
       d.former_token_hash, d.former_token_until, d.push_token_kind, d.push_token_state, d.created_at, d.last_seen_at
FROM devices d
JOIN members m ON m.member_id = d.member_id
WHERE d.member_id = $1 AND d.id = $2 AND d.revoked_at IS NULL AND m.state = 'blocked';

-- name: lock_active_member one
-- Transactions that end or change the member, or sign their devices out, are waited for, and wait for us.
SELECT state
FROM members
WHERE member_id = $1
FOR NO KEY UPDATE;

-- name: find_live_devices batch
SELECT d.id
FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, device_id)
JOIN devices d ON (d.member_id, d.id) = (asked.member_id, asked.device_id)
WHERE d.revoked_at IS NULL /* spread: AND d.member_id = ANY ($1) */;

-- name: find_live_device one
SELECT id
FROM devices
WHERE member_id = $1 AND id = $2 AND revoked_at IS NULL;
