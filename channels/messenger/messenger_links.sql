-- name: insert_link one
INSERT INTO messenger_links (member_id, program_id, user_hash, sealed_user_id, linked_at, last_wrote_at)
VALUES (:member_id, :program_id, :user_hash, :sealed_user_id, :linked_at, :last_wrote_at);

-- name: insert_account reference
INSERT INTO messenger_accounts (program_id, user_hash, member_id)
VALUES ($1, $2, $3)
ON CONFLICT (program_id, user_hash) DO NOTHING
RETURNING member_id;

-- name: find_link one
SELECT member_id, program_id, user_hash, sealed_user_id, linked_at, last_wrote_at
FROM messenger_links
WHERE member_id = $1;

-- name: find_link_of_account fan-out request
SELECT l.member_id, l.program_id, l.user_hash, l.sealed_user_id, l.linked_at, l.last_wrote_at
FROM messenger_accounts AS a
JOIN messenger_links AS l USING (member_id)
WHERE a.program_id = $1 AND a.user_hash = $2;

-- name: delete_link one
DELETE FROM messenger_links
WHERE member_id = $1
RETURNING member_id;

-- name: move_link batch
INSERT INTO messenger_links (member_id, program_id, user_hash, sealed_user_id, linked_at, last_wrote_at)
SELECT $2, program_id, user_hash, sealed_user_id, linked_at, last_wrote_at
FROM messenger_links
WHERE member_id = $1
ON CONFLICT (member_id) DO NOTHING
RETURNING program_id, user_hash;

-- name: note_message fan-out request
-- A redelivered event, and one that comes late, moves nothing back.
UPDATE messenger_links
SET last_wrote_at = greatest(last_wrote_at, $3)
WHERE member_id = (SELECT member_id FROM messenger_accounts WHERE program_id = $1 AND user_hash = $2);

-- name: upsert_nonce one
INSERT INTO messenger_nonces (member_id, program_id, nonce_hash, expires_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (member_id) DO UPDATE
SET nonce_hash = excluded.nonce_hash, expires_at = excluded.expires_at;

-- name: find_nonce fan-out rarely
SELECT member_id
FROM messenger_nonces
WHERE program_id = $1 AND nonce_hash = $2;

-- name: take_nonce one
DELETE FROM messenger_nonces
WHERE member_id = $1 AND nonce_hash = $2 AND expires_at > $3
RETURNING member_id;

-- name: delete_nonce one
DELETE FROM messenger_nonces
WHERE member_id = $1;

-- name: purge_nonces fan-out hourly
DELETE FROM messenger_nonces
WHERE expires_at < $1;
