-- name: insert_staff_delivery local
INSERT INTO staff_deliveries
    (staff_id, id, program_id, channel, sealed_message, state, next_attempt_at, expires_at, created_at)
VALUES (:staff_id, :id, :program_id, :channel, :sealed_message,
        CASE WHEN :staff_id::uuid IS NULL THEN 'expired' ELSE 'pending' END, :now, :expires_at, :now);

-- name: record_staff_delivery local
-- `attempts` is the fence against a worker whose lease ran out. What is over keeps neither address nor code.
UPDATE staff_deliveries
SET state = :outcome, lease_until = NULL, next_attempt_at = coalesce(:retry_at, next_attempt_at),
    attempts = attempts - :held_back::bool::int,
    sent_at = CASE WHEN :outcome = 'sent' THEN :now::timestamptz END, failure = :failure,
    provider_message_id = :provider_message_id,
    sealed_message = CASE WHEN :outcome = 'retryable' THEN sealed_message END
WHERE id = :id AND attempts = :attempts AND state = 'sending';

-- name: purge_staff_deliveries local
DELETE FROM staff_deliveries
WHERE created_at < $1;
