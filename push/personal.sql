-- What this package holds about a person: $1 are the member and all who became them.

-- name: export_message_counts batch
SELECT member_id, days
FROM message_counts
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: erase_message_counts batch
DELETE FROM message_counts
WHERE member_id = ANY ($1);

-- name: export_message_receipts batch
SELECT member_id, message_id, kind, channel, at, provider_message_id
FROM message_receipts
WHERE member_id = ANY ($1)
ORDER BY member_id, message_id, kind;

-- name: erase_message_receipts batch
DELETE FROM message_receipts
WHERE member_id = ANY ($1);
