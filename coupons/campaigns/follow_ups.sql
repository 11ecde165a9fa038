-- name: begin_follow_ups batch
INSERT INTO follow_ups (member_id, coupon_id, program_id, campaign_id, campaign_version, next_step, due_at)
SELECT member_id, coupon_id, program_id, campaign_id, campaign_version, 0, due_at
FROM unnest(:member_id::uuid[], :coupon_id::uuid[], :program_id::uuid[], :campaign_id::uuid[],
            :campaign_version::integer[], :due_at::timestamptz[])
     AS new (member_id, coupon_id, program_id, campaign_id, campaign_version, due_at)
ORDER BY member_id, coupon_id;

-- name: find_due_follow_ups fan-out round
-- Of some campaigns; a paused one's rest, and an ended one's are ended.
SELECT f.member_id, f.coupon_id
FROM campaigns k
JOIN follow_ups f ON f.campaign_id = k.id
WHERE k.had_follow_ups AND k.state IN ('running', 'ended') AND f.due_at <= $1
LIMIT $2;

-- name: lock_due_follow_ups batch
-- Those that nobody is at.
SELECT member_id, coupon_id
FROM follow_ups
WHERE (member_id, coupon_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) /* spread: AND member_id = ANY ($1) */ AND due_at <= $3
ORDER BY due_at
LIMIT $4
FOR UPDATE SKIP LOCKED;

-- name: advance_follow_ups batch
UPDATE follow_ups f
SET next_step = f.next_step + 1, due_at = d.due_at
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS d (member_id, coupon_id, due_at)
WHERE (f.member_id, f.coupon_id) = (d.member_id, d.coupon_id) /* spread: AND f.member_id = ANY ($1) */;

-- name: end_follow_ups batch
DELETE FROM follow_ups f
USING unnest($1::uuid[], $2::uuid[]) AS d (member_id, coupon_id)
WHERE (f.member_id, f.coupon_id) = (d.member_id, d.coupon_id) /* spread: AND f.member_id = ANY ($1) */;

-- name: insert_step_messages batch
INSERT INTO outbox (member_id, id, program_id, device_id, coupon_id, campaign_id, follow_up_step, outlives_use, payload, state,
                    next_attempt_at, expires_at, created_at, rings_until, deferrals, counted_on, failure, priority, channel, lane)
SELECT member_id, id, program_id, device_id, coupon_id, campaign_id, step, outlives_use, payload, state, coalesce(due_at, :now),
       expires_at, :now, rings_until, (state = 'deferred')::int, counted_on, reason, priority, channel,
       'bulk' -- nobody waits for a reminder
FROM unnest(:member_id::uuid[], :id::uuid[], :program_id::uuid[], :device_id::uuid[], :coupon_id::uuid[],
            :campaign_id::uuid[], :step::smallint[], :outlives_use::bool[], :payload::jsonb[], :state::text[], :due_at::timestamptz[],
            :expires_at::timestamptz[], :rings_until::timestamptz[], :counted_on::date[], :reason::text[],
            :priority::smallint[], :channel::text[])
     AS new (member_id, id, program_id, device_id, coupon_id, campaign_id, step, outlives_use, payload, state, due_at, expires_at,
             rings_until, counted_on, reason, priority, channel);

-- name: take_follow_ups one
DELETE FROM follow_ups f
USING coupons c
WHERE f.member_id = $1 AND (c.member_id, c.id) = (f.member_id, f.coupon_id)
RETURNING f.program_id, f.campaign_id, f.campaign_version, f.next_step, f.due_at, c.period_key;

-- name: give_follow_ups one
-- To the survivor, with the coupon that they got for the one of the member; of those that they have themselves, theirs go on.
INSERT INTO follow_ups (member_id, coupon_id, program_id, campaign_id, campaign_version, next_step, due_at)
SELECT n.member_id, n.id, g.program_id, g.campaign_id, g.campaign_version, g.next_step, g.due_at
FROM unnest(:program_id::uuid[], :campaign_id::uuid[], :campaign_version::integer[], :next_step::integer[],
            :due_at::timestamptz[], :period_key::text[])
     AS g (program_id, campaign_id, campaign_version, next_step, due_at, period_key)
JOIN coupons n ON n.member_id = :survivor_id AND n.campaign_id = g.campaign_id
              AND n.period_key IN (g.period_key, g.period_key || ':' || (:member_id::uuid)::text)
ORDER BY n.id
ON CONFLICT (member_id, coupon_id) DO NOTHING;

-- name: list_steps reference
-- Of the program's campaigns that can still give something.
SELECT id, name, follow_ups
FROM campaigns
WHERE program_id = $1 AND follow_ups <> '[]' AND state <> 'ended';
