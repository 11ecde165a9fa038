-- name: list_due_members
SELECT DISTINCT member_id
FROM (
    SELECT member_id
    FROM outbox
    WHERE queue = 'deferred' AND next_attempt_at <= $1
    ORDER BY next_attempt_at
    LIMIT $2
) due;

-- name: list_due
-- All that are due of members whose counts are locked, so that the higher priority comes first. Where the coupon has no
-- use left, there is nothing to tell of.
SELECT o.member_id, o.id, o.channel, o.device_id, o.expires_at, o.priority,
       CASE WHEN o.outlives_use THEN o.expires_at ELSE c.expires_at END AS ends_at,
       k.own_quiet_hours, k.quiet_start, k.quiet_end,
       CASE WHEN o.outlives_use THEN NULL
            WHEN k.withdrawn_at IS NOT NULL THEN 'coupon_withdrawn'
            WHEN c.uses <= (SELECT count(*) FROM redemptions r
                            WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.held_until IS NULL)
            THEN 'coupon_used' END AS fate
FROM outbox o
JOIN coupons c ON (c.member_id, c.id) = (o.member_id, o.coupon_id)
JOIN campaigns k ON k.id = c.campaign_id
WHERE o.member_id = ANY ($1) AND o.state = 'deferred' AND o.next_attempt_at <= $2
ORDER BY o.member_id, o.id
FOR UPDATE OF o;

-- name: settle
UPDATE outbox AS o
SET state = v.state,
    lane = 'bulk', -- the moment that it was made for is over, and many wait for the same morning
    device_id = CASE WHEN o.channel = 'push' THEN coalesce(v.device_id, o.device_id) END,
    sealed_message = CASE WHEN v.state <> 'dropped' THEN o.sealed_message END,
    payload = CASE WHEN v.state <> 'dropped' OR o.channel = 'push' THEN o.payload END,
    next_attempt_at = v.due_at,
    expires_at = v.expires_at,
    rings_until = v.rings_until,
    counted_on = v.counted_on,
    deferrals = o.deferrals + (v.state = 'deferred')::int,
    failure = v.failure
FROM unnest(:member_id::uuid[], :id::uuid[], :state::text[], :device_id::uuid[], :due_at::timestamptz[],
            :expires_at::timestamptz[], :rings_until::timestamptz[], :counted_on::date[], :failure::text[])
     AS v (member_id, id, state, device_id, due_at, expires_at, rings_until, counted_on, failure)
WHERE o.member_id = v.member_id AND o.id = v.id AND o.state = 'deferred'
RETURNING o.campaign_id, o.channel, o.state, o.failure;

-- name: drop_messages
-- One that is on its way arrives, and so does one that a phone has while another one is to be tried again.
WITH waiting AS (
    SELECT id, counted_on, campaign_id, channel, state
    FROM outbox
    WHERE member_id = $1 AND coupon_id = ANY ($2) AND state IN ('pending', 'retryable', 'deferred')
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
