-- name: replace_transfers reference
UPDATE transfers
SET state = 'replaced', decided_at = :now
WHERE member_id = :member_id AND kind = :kind AND state = 'open'
  AND (value_hash <> :value_hash OR holder_id <> :holder_id OR created_at <= :expired);

-- name: insert_transfer reference
INSERT INTO transfers (member_id, id, program_id, holder_id, kind, value_hash, objection_hash, state, created_at)
VALUES (:member_id, :id, :program_id, :holder_id, :kind, :value_hash, :objection_hash, 'open', :created_at)
ON CONFLICT (member_id, kind) WHERE state = 'open' DO NOTHING
RETURNING id;

-- name: find_open_transfer reference
SELECT member_id, id, program_id, holder_id, kind, value_hash, state, answered_at, approved_at, created_at
FROM transfers
WHERE member_id = $1 AND kind = $2 AND state = 'open';

-- name: find_transfer reference
SELECT member_id, id, program_id, holder_id, kind, value_hash, state, answered_at, approved_at, created_at
FROM transfers
WHERE member_id = $1 AND id = $2;

-- name: find_transfer_from reference
SELECT member_id, id, program_id, holder_id, kind, value_hash, state, answered_at, approved_at, created_at
FROM transfers
WHERE holder_id = $1 AND id = $2;

-- name: find_transfer_by_objection reference
SELECT member_id, id, program_id, holder_id, kind, value_hash, state, answered_at, approved_at, created_at
FROM transfers
WHERE objection_hash = $1;

-- name: lock_open_transfer reference
SELECT member_id, id, program_id, holder_id, kind, value_hash, state, answered_at, approved_at, created_at
FROM transfers
WHERE member_id = $1 AND id = $2 AND state = 'open'
FOR UPDATE;

-- name: list_open_transfers reference
SELECT member_id, id, program_id, holder_id, kind, value_hash, state, answered_at, approved_at, created_at
FROM transfers
WHERE (member_id = $1 OR holder_id = $1) AND state = 'open' AND created_at > $2
ORDER BY id DESC;

-- name: count_answer reference
UPDATE transfers
SET answers = answers + 1
WHERE member_id = $1 AND id = $2;

-- name: count_answers reference
SELECT coalesce(sum(answers), 0)
FROM transfers
WHERE holder_id = $1 AND created_at > $2;

-- name: set_answered reference
UPDATE transfers
SET answered_at = $3
WHERE member_id = $1 AND id = $2;

-- name: set_approved reference
UPDATE transfers
SET approved_at = $3
WHERE member_id = $1 AND id = $2;

-- name: decide_transfer reference
UPDATE transfers
SET state = $3, decided_at = $4
WHERE member_id = $1 AND id = $2;

-- name: find_signs one
SELECT coalesce(bool_or(d.revoked_at IS NULL AND d.push_token_state IS DISTINCT FROM 'dropped'), false) AS has_phone,
       greatest(m.created_at, max(d.created_at), max(d.revoked_at)) AS last_seen_at
FROM members m
LEFT JOIN devices d ON d.member_id = m.member_id
WHERE m.member_id = $1
GROUP BY m.member_id;

-- name: purge_transfers reference
DELETE FROM transfers
WHERE created_at < $1;
