-- name: list_dead_letters fan-out page
SELECT o.id, o.member_id, o.channel, o.campaign_id, o.coupon_id, o.failure AS reason, o.state, o.attempts, o.created_at,
       CASE WHEN o.payload IS NOT NULL AND (o.outlives_use OR c.expires_at > :now) THEN c.expires_at END AS resendable_until
FROM outbox o
LEFT JOIN coupons c ON (c.member_id, c.id) = (o.member_id, o.coupon_id)
WHERE o.program_id = :program_id AND o.queue = 'dead' AND o.id < :before
  AND (:channel::text IS NULL OR o.channel = :channel)
  AND (:reason::text IS NULL OR o.failure = :reason)
  AND (:campaign_id::uuid IS NULL OR o.campaign_id = :campaign_id)
ORDER BY o.id DESC
LIMIT :limit;

-- name: resend fan-out page
-- To the governor, due now: consent, caps, quiet hours and the phone are looked at anew. A second one finds it gone
-- from the queue.
WITH chosen AS (
    SELECT o.member_id, o.id, c.expires_at
    FROM outbox o
    JOIN coupons c ON (c.member_id, c.id) = (o.member_id, o.coupon_id)
    WHERE o.program_id = :program_id AND o.queue = 'dead' AND o.payload IS NOT NULL
      AND (:channel::text IS NULL OR o.channel = :channel)
      AND (:ids::uuid[] IS NULL OR o.id = ANY (:ids))
      AND (:campaign_id::uuid IS NULL OR o.campaign_id = :campaign_id)
      AND (:reason::text IS NULL OR o.failure = :reason)
      AND (o.outlives_use OR c.expires_at > :now)
    ORDER BY o.id
    LIMIT :most
)
UPDATE outbox o
SET state = 'deferred', next_attempt_at = :now, attempts_before = o.attempts, failure = NULL,
    expires_at = CASE WHEN o.outlives_use THEN :outlives_until ELSE chosen.expires_at END
FROM chosen
WHERE (o.member_id, o.id) = (chosen.member_id, chosen.id) AND o.queue = 'dead'
RETURNING o.campaign_id, o.channel;

-- name: dismiss fan-out page
-- They stay counted as failed; what could be sent again no longer can.
WITH chosen AS (
    SELECT member_id, id
    FROM outbox
    WHERE program_id = :program_id AND queue = 'dead'
      AND (:ids::uuid[] IS NULL OR id = ANY (:ids))
      AND (:campaign_id::uuid IS NULL OR campaign_id = :campaign_id)
      AND (:reason::text IS NULL OR failure = :reason)
    ORDER BY id
    LIMIT :most
)
UPDATE outbox o
SET dismissed_at = :now
FROM chosen
WHERE (o.member_id, o.id) = (chosen.member_id, chosen.id) AND o.queue = 'dead'
RETURNING o.id;
