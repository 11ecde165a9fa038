-- name: find_waiting fan-out page
-- Of one program, by channel: since when the first is due, and how many a provider has turned away for now. What waits
-- longest stands first in each queue: its beginning tells, and is read however much there is behind it.
SELECT first.channel, min(first.next_attempt_at) AS due_since,
       count(*) FILTER (WHERE first.state = 'retryable' AND first.failure <> 'paced') AS turned_away
FROM unnest(:queues::text[]) AS q (queue)
CROSS JOIN LATERAL (
    SELECT o.program_id, o.channel, o.state, o.failure, o.next_attempt_at
    FROM outbox o
    WHERE o.queue = q.queue
    ORDER BY o.next_attempt_at
    LIMIT :most
) first
WHERE first.program_id = :program_id
GROUP BY first.channel
ORDER BY first.channel;

-- name: count_given_up fan-out page
-- Lately, by channel, up to `most` of them.
SELECT channel, count(*) AS messages
FROM (
    SELECT channel
    FROM outbox
    WHERE program_id = :program_id AND queue = 'dead' AND id >= :first_id
    LIMIT :most
) dead
GROUP BY channel
ORDER BY channel;
