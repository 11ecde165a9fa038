-- name: insert_cards batch
INSERT INTO cards (member_id, id, program_id, number, state, issued_at)
SELECT member_id, id, program_id, number, 'active', issued_at
FROM unnest(:member_id::uuid[], :id::uuid[], :program_id::uuid[], :number::text[], :issued_at::timestamptz[])
     AS new (member_id, id, program_id, number, issued_at);

-- name: find_card one
SELECT member_id, program_id, number, issued_at
FROM cards
WHERE member_id = $1 AND state = 'active';

-- name: find_cards batch
SELECT c.member_id, c.program_id, c.number, c.issued_at
FROM cards c
JOIN members m ON m.member_id = c.member_id AND m.state = 'active'
WHERE c.member_id = ANY ($1) AND c.state = 'active';

-- name: find_cards_of_held batch
-- Whose members are held, and known to be active.
SELECT member_id, program_id, number
FROM cards
WHERE member_id = ANY ($1) AND state = 'active';

-- name: revoke_card one
UPDATE cards
SET state = 'revoked'
WHERE member_id = $1 AND state = 'active';
