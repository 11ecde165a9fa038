-- name: find_waiting fan-out page
-- Of one program, by channel: since when the first is due, and how many a provider has turned away for now. What waits
-- longest stands first in a queue: its beginning tells, and is read however much there is behind it.
SELECT channel, min(next_attempt_at) AS due_since,
       count(*) FILTER (WHERE state = 'retryable' AND failure <> 'paced') AS turned_away
FROM (
    SELECT program_id, channel, state, failure, next_attempt_at
    FROM outbox
    WHERE queue = :queue
    ORDER BY next_attempt_at
    LIMIT :most
) first
WHERE program_id = :program_id
GROUP BY channel;

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
