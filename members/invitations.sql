-- name: insert_invitation local
INSERT INTO invitations (token_hash, program_id, store_id, poster, call_number_id, created_at, expires_at)
VALUES (:token_hash, :program_id, :store_id, :poster, :call_number_id, :created_at, :expires_at);

-- name: find_open_invitations local
SELECT token_hash, program_id, store_id, poster, call_number_id, created_at, expires_at
FROM invitations
WHERE token_hash = ANY ($1) AND used_at IS NULL AND expires_at > $2;

-- name: use_invitations local
UPDATE invitations AS i
SET used_at = $3, member_id = used.member_id
FROM unnest($1::bytea[], $2::uuid[]) AS used (token_hash, member_id)
WHERE i.token_hash = used.token_hash AND i.used_at IS NULL AND i.expires_at > $3
RETURNING i.token_hash;

-- name: purge_unused_invitations local
DELETE FROM invitations
WHERE used_at IS NULL AND expires_at < $1;
