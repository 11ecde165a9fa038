-- name: lease_messages
-- $1 now, $2 seconds of the lease, $3 limit. Leases run by the database's clock, which all workers share.
-- A worker that waited for another's row looks at it again: so all conditions stand outside the subquery too.
UPDATE outbox AS o
SET state = 'sending', lease_until = current_timestamp + make_interval(secs => $2), attempts = o.attempts + 1
FROM (
    SELECT member_id, id
    FROM outbox
    WHERE state IN ('pending', 'sending', 'retryable')
      AND next_attempt_at <= $1
      AND (lease_until IS NULL OR lease_until <= current_timestamp)
    ORDER BY next_attempt_at
    LIMIT $3
) AS due
WHERE o.member_id = due.member_id
  AND o.id = due.id
  AND o.state IN ('pending', 'sending', 'retryable')
  AND o.next_attempt_at <= $1
  AND (o.lease_until IS NULL OR o.lease_until <= current_timestamp)
RETURNING o.member_id, o.id, o.device_id, o.coupon_id, o.payload::text AS payload, o.attempts, o.expires_at;

-- name: find_targets
SELECT d.member_id, d.id AS device_id, d.platform, d.push_token, d.push_token_kind, d.push_token_state, d.revoked_at,
    m.state AS member_state, m.push_consent
FROM unnest($1::uuid[], $2::uuid[]) AS wanted (member_id, device_id)
JOIN devices AS d ON d.member_id = wanted.member_id AND d.id = wanted.device_id
JOIN members AS m ON m.member_id = wanted.member_id;

-- name: record_outcomes
-- `attempts` is the fence: a worker whose lease ran out and whose message another has claimed since changes nothing.
-- A deferred message gives its attempt back.
UPDATE outbox AS o
SET state = r.state,
    lease_until = NULL,
    attempts = o.attempts - r.deferred::int,
    next_attempt_at = coalesce(r.retry_at, o.next_attempt_at),
    sent_at = r.sent_at,
    provider_message_id = r.provider_message_id,
    failure = r.failure
FROM unnest(:member_id::uuid[], :id::uuid[], :attempts::int[], :state::text[], :retry_at::timestamptz[],
            :sent_at::timestamptz[], :provider_message_id::text[], :failure::text[],
            :deferred::bool[]) AS r (member_id, id, attempts, state, retry_at, sent_at, provider_message_id, failure,
            deferred)
WHERE o.member_id = r.member_id AND o.id = r.id AND o.state = 'sending' AND o.attempts = r.attempts
RETURNING o.state;

-- name: retire_tokens
-- Only the token that failed: the app may have registered a new one meanwhile.
UPDATE devices AS d
SET push_token_state = r.state,
    push_token = CASE WHEN r.state = 'dropped' THEN NULL ELSE d.push_token END,
    push_token_kind = CASE WHEN r.state = 'dropped' THEN NULL ELSE d.push_token_kind END
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS r (member_id, device_id, push_token, state)
WHERE d.member_id = r.member_id AND d.id = r.device_id AND d.push_token = r.push_token;
