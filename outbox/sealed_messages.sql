-- name: insert_sealed_message one
INSERT INTO outbox (member_id, id, program_id, channel, coupon_id, campaign_id, sealed_message, lane, state,
                    next_attempt_at, expires_at, created_at)
SELECT :member_id, :id, :program_id, :channel, :coupon_id,
       (SELECT campaign_id FROM coupons WHERE member_id = :member_id AND id = :coupon_id),
       :sealed_message, :lane, 'pending', :now, :expires_at, :now;

-- name: record_delivery one
-- `attempts` is the fence against a worker whose lease ran out. What is over keeps neither address nor words,
-- but for what may be sent again.
UPDATE outbox
SET state = :outcome, lease_until = NULL, next_attempt_at = coalesce(:retry_at, next_attempt_at),
    attempts = attempts - :held_back::bool::int, attempts_refused = attempts_refused + :reached_nobody::bool::int,
    deferrals = deferrals + (:outcome = 'deferred')::int,
    sent_at = CASE WHEN :outcome = 'sent' THEN :now::timestamptz END, failure = :failure,
    provider_message_id = :provider_message_id,
    counted_on = CASE WHEN :outcome IN ('sent', 'retryable', 'unknown') THEN counted_on END,
    sealed_message = CASE WHEN :outcome IN ('retryable', 'deferred')
                               OR (:outcome IN ('failed', 'expired') AND coupon_id IS NOT NULL)
                          THEN sealed_message END,
    payload = CASE WHEN :outcome NOT IN ('sent', 'dropped', 'unknown') THEN payload END
WHERE member_id = :member_id AND id = :id AND attempts = :attempts AND state = 'sending'
RETURNING campaign_id, deferrals;

-- name: settle_unknown fan-out round
-- A receipt has told what became of it. By the provider's id, or by ours where the provider was never heard of.
UPDATE outbox
SET state = :outcome, sent_at = CASE WHEN :outcome = 'sent' THEN :at::timestamptz END,
    failure = CASE WHEN :outcome = 'sent' THEN NULL ELSE coalesce(:failure, failure) END,
    provider_message_id = coalesce(provider_message_id, :provider_message_id),
    counted_on = CASE WHEN :outcome = 'sent' THEN counted_on END
WHERE channel = :channel AND channel <> 'push' AND state = 'unknown'
  AND (id = :message_id::uuid
       OR (provider_message_id IS NOT NULL AND provider_message_id = :provider_message_id::text))
RETURNING campaign_id;

-- name: purge_sealed_messages fan-out hourly
-- Of no coupon: codes and alerts, whose receipts have come by then and go with them. What waits or is leased is not over.
WITH gone AS (
    DELETE FROM outbox
    WHERE coupon_id IS NULL AND created_at < $1 AND (queue IS NULL OR queue = 'dead')
    RETURNING member_id, id
)
DELETE FROM message_receipts r
USING gone
WHERE (r.member_id, r.message_id) = (gone.member_id, gone.id);
