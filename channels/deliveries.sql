-- name: insert_delivery
INSERT INTO deliveries (member_id, id, program_id, channel, sealed_message, state, next_attempt_at, expires_at, created_at)
VALUES (:member_id, :id, :program_id, :channel, :sealed_message, 'pending', :now, :expires_at, :now);

-- name: lease_deliveries
-- As in push/outbox.sql: $1 now, $2 seconds of the lease, $3 limit.
UPDATE deliveries AS d
SET state = 'sending', lease_until = current_timestamp + make_interval(secs => $2), attempts = d.attempts + 1
FROM (
    SELECT member_id, id
    FROM deliveries
    WHERE state IN ('pending', 'sending', 'retryable')
      AND next_attempt_at <= $1
      AND (lease_until IS NULL OR lease_until <= current_timestamp)
    ORDER BY next_attempt_at
    LIMIT $3
) AS due
WHERE d.member_id = due.member_id
  AND d.id = due.id
  AND d.state IN ('pending', 'sending', 'retryable')
  AND d.next_attempt_at <= $1
  AND (d.lease_until IS NULL OR d.lease_until <= current_timestamp)
RETURNING d.member_id, d.id, d.channel, d.sealed_message, d.attempts, d.expires_at;

-- name: record_delivery
-- `attempts` is the fence against a worker whose lease ran out. What is over keeps neither address nor code.
UPDATE deliveries
SET state = :outcome, lease_until = NULL, next_attempt_at = coalesce(:retry_at, next_attempt_at),
    sent_at = CASE WHEN :outcome = 'sent' THEN :now::timestamptz END, failure = :failure,
    sealed_message = CASE WHEN :outcome = 'retryable' THEN sealed_message END
WHERE member_id = :member_id AND id = :id AND attempts = :attempts AND state = 'sending';

-- name: forget_deliveries
DELETE FROM deliveries
WHERE created_at < $1;
