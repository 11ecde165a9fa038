-- name: list_late_reports fan-out round
-- Whose report came in the moment between "it may be out" and the message's own record of that.
SELECT s.id, s.program_id, s.member_id, s.kind, s.route, s.state, s.failure, s.provider_message_id, s.price, s.spend_day
FROM phone_sends AS s
JOIN outbox AS o ON o.member_id = s.member_id AND o.id = s.id AND o.channel = s.kind AND o.state = 'unknown'
WHERE s.changed_at > $1 AND s.state NOT IN ('waiting', 'sending', 'unknown')
UNION ALL
SELECT s.id, s.program_id, s.member_id, s.kind, s.route, s.state, s.failure, s.provider_message_id, s.price, s.spend_day
FROM phone_sends AS s
JOIN incoming_calls AS c ON c.id = s.id AND c.state = 'unknown'
WHERE s.changed_at > $1 AND s.state NOT IN ('waiting', 'sending', 'unknown');
