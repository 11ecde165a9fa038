-- name: list_due_members fan-out round
SELECT DISTINCT member_id
FROM (
    SELECT member_id
    FROM outbox
    WHERE queue = 'deferred' AND next_attempt_at <= $1
    ORDER BY next_attempt_at
    LIMIT $2
) due;

-- name: list_due batch
-- All that are due of members whose counts are locked, so that the higher priority comes first. Where the coupon has no
-- use left, there is nothing to tell of.
SELECT o.member_id, o.id, o.program_id, o.channel, o.device_id, o.coupon_id, o.campaign_id, o.follow_up_step, o.state,
       o.failure, o.refusals, o.counted_on, o.attempts_before, o.expires_at, o.priority, k.channels,
       CASE WHEN o.follow_up_step > 0 THEN v.follow_ups END AS steps,
       CASE WHEN o.outlives_use THEN o.expires_at ELSE c.expires_at END AS ends_at,
       k.own_quiet_hours, k.quiet_start, k.quiet_end,
       CASE WHEN o.outlives_use THEN NULL
            WHEN k.withdrawn_at IS NOT NULL THEN 'coupon_withdrawn'
            WHEN c.uses <= (SELECT count(*) FROM redemptions r
                            WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) /* spread: AND r.member_id = ANY ($1) */
                              AND r.held_until IS NULL)
            THEN CASE WHEN EXISTS (SELECT FROM redemptions AS r
                                   WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) /* spread: AND r.member_id = ANY ($1) */
                                     AND r.void_id IS NOT NULL)
                      THEN 'coupon_voided' ELSE 'coupon_used' END END AS fate
FROM outbox o
JOIN coupons c ON (c.member_id, c.id) = (o.member_id, o.coupon_id) /* spread: AND c.member_id = ANY ($1) */
JOIN campaigns k ON k.id = c.campaign_id
JOIN campaign_versions v ON (v.campaign_id, v.version) = (c.campaign_id, c.campaign_version)
WHERE o.member_id = ANY ($1) AND o.queue = 'deferred' AND o.next_attempt_at <= $2
ORDER BY o.member_id, o.id
FOR UPDATE OF o;

-- name: settle batch
UPDATE outbox AS o
SET state = v.state,
    channel = v.channel,
    -- The moment that it was made for is over, and many wait for the same morning; but not of one that was refused.
    lane = CASE WHEN o.state = 'refused' THEN o.lane ELSE 'bulk' END,
    device_id = CASE WHEN v.channel = 'push' THEN coalesce(v.device_id, o.device_id) END,
    sealed_message = CASE WHEN v.state <> 'dropped' THEN o.sealed_message END,
    payload = CASE WHEN v.state <> 'dropped' OR v.channel = 'push' THEN coalesce(v.payload, o.payload) END,
    released_at = CASE WHEN v.state = 'pending' AND o.state = 'deferred' THEN :now ELSE o.released_at END,
    next_attempt_at = v.due_at,
    expires_at = v.expires_at,
    rings_until = v.rings_until,
    counted_on = v.counted_on,
    deferrals = o.deferrals + (v.state = 'deferred')::int,
    failure = v.failure
FROM unnest(:member_id::uuid[], :id::uuid[], :state::text[], :device_id::uuid[], :due_at::timestamptz[],
            :expires_at::timestamptz[], :rings_until::timestamptz[], :counted_on::date[], :failure::text[],
            :channel::text[], :payload::jsonb[], :former_state::text[], :former_channel::text[])
     AS v (member_id, id, state, device_id, due_at, expires_at, rings_until, counted_on, failure, channel, payload,
           former_state, former_channel)
WHERE o.member_id = v.member_id /* spread: AND o.member_id = ANY (:member_id) */ AND o.id = v.id AND o.state = v.former_state
RETURNING o.campaign_id, o.channel, o.state, o.failure, v.former_state, v.former_channel, o.deferrals;

-- name: drop_messages one
-- Of these coupons; null: of all of the member's. One that is on its way arrives, and so does one that a phone has while
-- another one is to be tried again.
WITH waiting AS (
    SELECT id, counted_on, campaign_id, channel, state
    FROM outbox
    WHERE member_id = $1 AND coupon_id IS NOT NULL AND ($2::uuid[] IS NULL OR coupon_id = ANY ($2))
      AND state IN ('pending', 'retryable', 'deferred', 'refused')
      AND reached_device_ids IS NULL
    ORDER BY id
    FOR UPDATE
), dropped AS (
    UPDATE outbox o
    SET state = 'dropped', failure = $3, counted_on = NULL, sealed_message = NULL,
        payload = CASE WHEN o.channel = 'push' THEN o.payload END
    FROM waiting w
    WHERE o.member_id = $1 AND o.id = w.id
)
SELECT counted_on, campaign_id, channel, state
FROM waiting;
