-- name: insert_link
INSERT INTO messenger_links (member_id, program_id, user_hash, sealed_user_id, linked_at, last_wrote_at)
VALUES (:member_id, :program_id, :user_hash, :sealed_user_id, :linked_at, :last_wrote_at);

-- name: insert_account
INSERT INTO messenger_accounts (program_id, user_hash, member_id)
VALUES ($1, $2, $3)
ON CONFLICT (program_id, user_hash) DO NOTHING
RETURNING member_id;

-- name: find_link
SELECT member_id, program_id, user_hash, sealed_user_id, linked_at, last_wrote_at
FROM messenger_links
WHERE member_id = $1;

-- name: find_link_of_account
SELECT l.member_id, l.program_id, l.user_hash, l.sealed_user_id, l.linked_at, l.last_wrote_at
FROM messenger_accounts AS a
JOIN messenger_links AS l USING (member_id)
WHERE a.program_id = $1 AND a.user_hash = $2;

-- name: delete_link
DELETE FROM messenger_links
WHERE member_id = $1
RETURNING member_id;

-- name: move_link
INSERT INTO messenger_links (member_id, program_id, user_hash, sealed_user_id, linked_at, last_wrote_at)
SELECT $2, program_id, user_hash, sealed_user_id, linked_at, last_wrote_at
FROM messenger_links
WHERE member_id = $1
ON CONFLICT (member_id) DO NOTHING
RETURNING program_id, user_hash;

-- name: note_message
-- A redelivered event, and one that comes late, moves nothing back.
UPDATE messenger_links
SET last_wrote_at = greatest(last_wrote_at, $3)
WHERE member_id = (SELECT member_id FROM messenger_accounts WHERE program_id = $1 AND user_hash = $2);

-- name: upsert_nonce
INSERT INTO messenger_nonces (member_id, program_id, nonce_hash, expires_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (member_id) DO UPDATE
SET nonce_hash = excluded.nonce_hash, expires_at = excluded.expires_at;

-- name: find_nonce
SELECT member_id
FROM messenger_nonces
WHERE program_id = $1 AND nonce_hash = $2;

-- name: take_nonce
DELETE FROM messenger_nonces
WHERE member_id = $1 AND nonce_hash = $2 AND expires_at > $3
RETURNING member_id;

-- name: delete_nonce
DELETE FROM messenger_nonces
WHERE member_id = $1;

-- name: purge_nonces
DELETE FROM messenger_nonces
WHERE expires_at < $1;
