-- name: list_call_numbers local
-- $2: only those before this id; $4: only this one.
SELECT n.id, n.number, n.store_id, n.poster, n.created_at, n.ended_at,
       (SELECT count(*) FROM incoming_calls AS c WHERE c.number_id = n.id) AS calls,
       (SELECT count(*) FROM incoming_calls AS c WHERE c.number_id = n.id AND c.answer = 'texted') AS texts,
       (SELECT count(*) FROM invitations AS i WHERE i.call_number_id = n.id AND i.used_at IS NOT NULL) AS joined
FROM call_numbers AS n
WHERE n.program_id = $1 AND ($2::uuid IS NULL OR n.id < $2) AND ($4::uuid IS NULL OR n.id = $4)
ORDER BY n.id DESC
LIMIT $3;
