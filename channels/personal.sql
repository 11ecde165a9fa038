-- What this package holds about a person: $1 are the member and all who became them.
-- What was written to them stands in the outbox.

-- name: export_line_links batch
-- With LINE's id of them, unsealed (server/privacy/export.py).
SELECT member_id, program_id, sealed_user_id AS sealed_line_id, linked_at, stands_at, blocked_at, friendship_at, menu_id
FROM line_links
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_line_accounts reference
SELECT member_id, program_id
FROM line_accounts
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_line_nonces batch
SELECT member_id, expires_at
FROM line_nonces
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: erase_line_events local
-- What they wrote and nobody has handled yet.
DELETE FROM line_events
WHERE (program_id, user_hash) IN (SELECT program_id, user_hash FROM line_accounts WHERE member_id = ANY ($1));

-- name: erase_line_accounts reference
DELETE FROM line_accounts
WHERE member_id = ANY ($1);

-- name: erase_line_links batch
-- LINE learns from the ending, which names no member, that they see no menu of their own any more.
WITH gone AS (
    DELETE FROM line_links
    WHERE member_id = ANY ($1)
    RETURNING program_id, sealed_user_id, menu_id
)
INSERT INTO line_menu_endings (id, program_id, sealed_user_id, next_attempt_at)
SELECT gen_random_uuid(), program_id, sealed_user_id, current_timestamp
FROM gone
WHERE menu_id IS NOT NULL;

-- name: erase_line_nonces batch
DELETE FROM line_nonces
WHERE member_id = ANY ($1);

-- name: export_messenger_links batch
-- With what the page knows them by, unsealed (server/privacy/export.py).
SELECT member_id, program_id, sealed_user_id AS sealed_messenger_id, linked_at, last_wrote_at
FROM messenger_links
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_messenger_accounts reference
SELECT member_id, program_id
FROM messenger_accounts
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_messenger_nonces batch
SELECT member_id, expires_at
FROM messenger_nonces
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: erase_messenger_accounts reference
DELETE FROM messenger_accounts
WHERE member_id = ANY ($1);

-- name: erase_messenger_links batch
DELETE FROM messenger_links
WHERE member_id = ANY ($1);

-- name: erase_messenger_nonces batch
DELETE FROM messenger_nonces
WHERE member_id = ANY ($1);

-- name: export_phone_sends reference
SELECT member_id, id, kind, state, failure, created_at, changed_at
FROM phone_sends
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: erase_phone_sends reference
-- What they cost stays counted.
DELETE FROM phone_sends
WHERE member_id = ANY ($1);
