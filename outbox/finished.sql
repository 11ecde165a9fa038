-- name: purge_finished fan-out hourly
-- Of what is over, some, with what was told of it. Who purges at once takes others, or finds them gone; what is sent
-- again meanwhile stays.
WITH gone AS (
    DELETE FROM outbox o
    USING (
        SELECT member_id, id
        FROM outbox
        WHERE created_at < $1 AND (queue IS NULL OR queue = 'dead')
        LIMIT $2
    ) old
    WHERE (o.member_id, o.id) = (old.member_id, old.id) AND (o.queue IS NULL OR o.queue = 'dead')
    RETURNING o.member_id, o.id
), told AS (
    DELETE FROM message_receipts r
    USING gone
    WHERE (r.member_id, r.message_id) = (gone.member_id, gone.id)
)
SELECT count(*)
FROM gone;
