-- What this package holds about a person: $1 are the member and all who became them.
-- A push that is being sent at this moment still arrives; its outcome finds no row.

-- name: export_outbox
SELECT member_id, id, device_id, coupon_id, payload, state, attempts, next_attempt_at, lease_until, expires_at, created_at,
       sent_at, provider_message_id, failure, priority, lane, rings_until, deferrals, counted_on,
       quota_day
FROM outbox
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: erase_outbox
DELETE FROM outbox
WHERE member_id = ANY ($1);

-- name: export_message_counts
SELECT member_id, days
FROM message_counts
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: erase_message_counts
DELETE FROM message_counts
WHERE member_id = ANY ($1);

-- name: export_message_receipts
SELECT member_id, message_id, kind, channel, at, provider_message_id
FROM message_receipts
WHERE member_id = ANY ($1)
ORDER BY member_id, message_id, kind;

-- name: erase_message_receipts
DELETE FROM message_receipts
WHERE member_id = ANY ($1);
