-- name: make_reachable fan-out bench
WITH willing AS (
    UPDATE members SET push_consent = true
)
UPDATE devices SET push_token = id::text, push_token_kind = 'registration', push_token_state = 'active',
    last_seen_at = now();

-- name: insert_coupons fan-out bench
-- $3 of them, to the members in turn.
INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, store_id, event_at, issued_at, expires_at,
                     business_day)
SELECT member_id, gen_random_uuid(), program_id, $1, n::text, $2, now(), now(), now() + interval '1 day', current_date
FROM generate_series(0, $3::int / (SELECT count(*) FROM devices)) AS n, devices
ORDER BY n, member_id
LIMIT $3;

-- name: insert_pushes fan-out bench
INSERT INTO outbox (member_id, id, program_id, device_id, coupon_id, campaign_id, payload, lane, state,
                    next_attempt_at, expires_at, created_at)
SELECT c.member_id, gen_random_uuid(), c.program_id, d.id, c.id, c.campaign_id,
       jsonb_build_object('title', '暖簾 銀座店へようこそ', 'body', '本日のコーヒーが一杯無料です', 'locale', 'ja',
                          'tag', c.id::text, 'data', jsonb_build_object('type', 'coupon', 'campaign_id', $1::text)),
       'bulk', 'pending', c.issued_at, c.expires_at, c.issued_at
FROM coupons AS c
JOIN devices AS d USING (member_id);

-- name: list_pushes fan-out bench
SELECT id, coupon_id
FROM outbox
WHERE channel = 'push';

-- name: end_old_leases fan-out bench
-- Those of workers that were killed, without the waiting: a live one is done with a message long before.
UPDATE outbox
SET lease_until = now()
WHERE state = 'sending'
  AND lease_until - make_interval(secs => CASE WHEN channel = 'push' THEN $1::float8 ELSE $2 END)
      < now() - make_interval(secs => $3);

-- name: count_open fan-out bench
SELECT count(*)
FROM outbox
WHERE queue IS NOT NULL AND queue <> 'dead';

-- name: read_outbox fan-out bench
SELECT id, channel, state
FROM outbox;
