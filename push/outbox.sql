-- name: insert_push one
-- Of no coupon.
INSERT INTO outbox (member_id, id, program_id, channel, device_id, payload, lane, state, next_attempt_at, expires_at,
                    created_at)
VALUES (:member_id, :id, :program_id, 'push', :device_id, :payload, 'urgent', 'pending', :now, :expires_at, :now);

-- name: find_targets batch
-- A use that has ended tells how many uses its coupon has, so that the coupon is not looked up.
SELECT wanted.member_id, wanted.message_id, d.id AS device_id, d.platform, d.push_token, d.push_token_kind,
    g.message_phones,
    d.revoked_at IS NULL AND d.push_token_state IS NOT DISTINCT FROM 'active' AS is_reachable,
    m.state = 'active' AS is_active, m.push_consent, g.id AS program_id, g.message_quota, g.time_zone,
    CASE WHEN wanted.outlives_use THEN NULL
         WHEN k.withdrawn_at IS NOT NULL THEN 'coupon_withdrawn'
         ELSE (SELECT CASE WHEN bool_or(r.void_id IS NOT NULL) THEN 'coupon_voided'
                           WHEN count(*) >= max(r.uses) THEN 'coupon_used' END
               FROM redemptions AS r
               WHERE (r.member_id, r.coupon_id) = (d.member_id, wanted.coupon_id) /* spread: AND r.member_id = ANY (:member_id) */
                 AND r.held_until IS NULL) END AS fate
FROM unnest(:member_id::uuid[], :message_id::uuid[], :device_id::uuid[], :coupon_id::uuid[], :campaign_id::uuid[],
            :outlives_use::bool[])
     AS wanted (member_id, message_id, device_id, coupon_id, campaign_id, outlives_use)
JOIN devices AS d ON d.member_id = wanted.member_id /* spread: AND d.member_id = ANY (:member_id) */ AND d.id = wanted.device_id
JOIN members AS m ON m.member_id = d.member_id /* spread: AND m.member_id = ANY (:member_id) */
LEFT JOIN campaigns AS k ON k.id = wanted.campaign_id
JOIN programs AS g ON g.id = m.program_id;

-- name: list_phones batch
-- Of each member, up to $3 that can be pushed to and were seen after $2.
SELECT member_id, device_id, platform, push_token, push_token_kind
FROM (
    SELECT member_id, id AS device_id, platform, push_token, push_token_kind,
           row_number() OVER (PARTITION BY member_id ORDER BY last_seen_at DESC, id DESC) AS place
    FROM devices
    WHERE member_id = ANY ($1) AND revoked_at IS NULL AND push_token_state = 'active' AND last_seen_at > $2
) AS d
WHERE place <= $3;

-- name: note_reached batch
-- Of messages that this transaction has recorded: nobody else has them yet.
UPDATE outbox AS o
SET reached_device_ids = coalesce(o.reached_device_ids, '{}') || r.device_ids
FROM (
    SELECT member_id, id, array_agg(device_id) AS device_ids
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS each (member_id, id, device_id)
    GROUP BY member_id, id
) AS r
WHERE (o.member_id, o.id) = (r.member_id, r.id) /* spread: AND o.member_id = ANY ($1) */;

-- name: record_outcomes batch
-- `attempts` is the fence: a worker whose lease ran out and whose message another has leased since changes nothing.
-- The attempt of a message that was held back is not counted. What is over unsent counts to no cap.
UPDATE outbox AS o
SET state = r.state,
    lease_until = NULL,
    attempts = o.attempts - r.held_back::int,
    attempts_refused = o.attempts_refused + r.reached_nobody::int,
    deferrals = o.deferrals + (r.state = 'deferred')::int,
    counted_on = CASE WHEN r.state IN ('sent', 'retryable') THEN o.counted_on END,
    next_attempt_at = coalesce(r.retry_at, o.next_attempt_at),
    sent_at = CASE WHEN r.state = 'sent' THEN :now::timestamptz END,
    provider_message_id = r.provider_message_id,
    failure = r.failure
FROM unnest(:member_id::uuid[], :id::uuid[], :attempts::int[], :state::text[], :retry_at::timestamptz[],
            :provider_message_id::text[], :failure::text[], :held_back::bool[], :reached_nobody::bool[])
     AS r (member_id, id, attempts, state, retry_at, provider_message_id, failure, held_back, reached_nobody)
WHERE o.member_id = r.member_id /* spread: AND o.member_id = ANY (:member_id) */ AND o.id = r.id AND o.state = 'sending' AND o.attempts = r.attempts
RETURNING o.id, o.state, o.campaign_id, o.failure, o.deferrals;

-- name: retire_tokens batch
-- Only the token that failed: the app may have registered a new one meanwhile.
UPDATE devices AS d
SET push_token_state = r.state,
    push_token = CASE WHEN r.state = 'dropped' THEN NULL ELSE d.push_token END,
    push_token_kind = CASE WHEN r.state = 'dropped' THEN NULL ELSE d.push_token_kind END
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS r (member_id, device_id, push_token, state)
WHERE d.member_id = r.member_id /* spread: AND d.member_id = ANY ($1) */ AND d.id = r.device_id AND d.push_token = r.push_token;
