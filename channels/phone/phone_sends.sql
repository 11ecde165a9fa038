-- name: begin_send reference
-- No row: it was begun before, and was not refused since (`Send.may_be_posted`).
INSERT INTO phone_sends (id, program_id, member_id, kind, route, state, price, spend_day, created_at, changed_at)
VALUES (:id, :program_id, :member_id, :kind, :route, 'sending', :price, :day, :now, :now)
ON CONFLICT (id, kind) DO UPDATE
SET state = 'sending', route = excluded.route, price = excluded.price, spend_day = excluded.spend_day,
    changed_at = excluded.changed_at, failure = NULL
WHERE phone_sends.state = 'waiting'
      OR (phone_sends.state = 'failed' AND phone_sends.provider_message_id IS NULL AND phone_sends.price = 0)
RETURNING id;

-- name: find_send reference
SELECT id, program_id, member_id, kind, route, state, failure, provider_message_id, price, spend_day
FROM phone_sends
WHERE id = $1 AND kind = $2;

-- name: lock_send reference
SELECT id, program_id, member_id, kind, route, state, failure, provider_message_id, price, spend_day
FROM phone_sends
WHERE id = $1 AND kind = $2
FOR UPDATE;

-- name: update_send reference
UPDATE phone_sends
SET state = :state, failure = :failure, provider_message_id = :provider_message_id,
    price = :price, changed_at = :now
WHERE id = :id AND kind = :kind;

-- name: purge_phone_sends reference
DELETE FROM phone_sends
WHERE created_at < $1;
