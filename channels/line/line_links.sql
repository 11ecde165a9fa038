-- name: insert_account reference
-- Whether the account was nobody's. The link is written first; a refused one is taken back by its transaction.
INSERT INTO line_accounts (program_id, user_hash, member_id)
VALUES ($1, $2, $3)
ON CONFLICT (program_id, user_hash) DO NOTHING
RETURNING member_id;

-- name: insert_link one
INSERT INTO line_links (member_id, program_id, user_hash, sealed_user_id, linked_at, stands_at, blocked_at, friendship_at)
VALUES (:member_id, :program_id, :user_hash, :sealed_user_id, :now, :stands_at, :blocked_at, :now);

-- name: find_link one
SELECT member_id, program_id, user_hash, sealed_user_id, linked_at, stands_at, blocked_at
FROM line_links
WHERE member_id = $1;

-- name: find_link_of_account fan-out request
SELECT l.member_id, l.program_id, l.user_hash, l.sealed_user_id, l.linked_at, l.stands_at, l.blocked_at
FROM line_accounts AS a
JOIN line_links AS l USING (member_id)
WHERE a.program_id = $1 AND a.user_hash = $2;

-- name: delete_link one
-- Whoever saw a menu of their own is to see what everybody sees.
WITH gone AS (
    DELETE FROM line_links
    WHERE member_id = $1
    RETURNING member_id, program_id, user_hash, sealed_user_id, linked_at, stands_at, blocked_at, menu_id
), ended AS (
    INSERT INTO line_menu_endings (id, program_id, sealed_user_id, next_attempt_at)
    SELECT gen_random_uuid(), program_id, sealed_user_id, current_timestamp
    FROM gone
    WHERE menu_id IS NOT NULL
)
SELECT member_id, program_id, user_hash, sealed_user_id, linked_at, stands_at, blocked_at
FROM gone;

-- name: move_link batch
-- `line_accounts` follows by delete and insert: its key refers to the member's row.
INSERT INTO line_links (member_id, program_id, user_hash, sealed_user_id, linked_at, stands_at, blocked_at, friendship_at)
SELECT :survivor_id, program_id, user_hash, sealed_user_id, linked_at, greatest(stands_at, :stands_at), blocked_at,
       friendship_at
FROM line_links
WHERE member_id = :member_id
ON CONFLICT (member_id) DO NOTHING
RETURNING program_id, user_hash;

-- name: set_friendship fan-out rarely
-- Events come late and in any order: the newest counts.
UPDATE line_links
SET blocked_at = CASE WHEN :is_friend THEN NULL ELSE :at::timestamptz END, friendship_at = :at
WHERE member_id = (SELECT member_id FROM line_accounts WHERE program_id = :program_id AND user_hash = :user_hash)
  AND friendship_at <= :at;

-- name: upsert_nonce one
INSERT INTO line_nonces (member_id, program_id, nonce_hash, expires_at)
VALUES (:member_id, :program_id, :nonce_hash, :expires_at)
ON CONFLICT (member_id) DO UPDATE
SET nonce_hash = excluded.nonce_hash, expires_at = excluded.expires_at;

-- name: find_nonce fan-out rarely
SELECT member_id
FROM line_nonces
WHERE program_id = $1 AND nonce_hash = $2;

-- name: take_nonce one
DELETE FROM line_nonces
WHERE member_id = $1 AND nonce_hash = $2 AND expires_at > $3
RETURNING member_id;

-- name: delete_nonce one
DELETE FROM line_nonces
WHERE member_id = $1;

-- name: purge_nonces fan-out hourly
DELETE FROM line_nonces
WHERE expires_at < $1;
