-- What this package holds about a person: $1 are the member and all who became them.
-- What waits to be sent goes too.

-- name: export_deliveries
-- Without the messages: they hold codes.
SELECT member_id, id, channel, state, attempts, next_attempt_at, lease_until, expires_at, created_at, sent_at,
       provider_message_id, failure
FROM deliveries
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: erase_deliveries
DELETE FROM deliveries
WHERE member_id = ANY ($1);
