-- name: find_refusable batch
-- Leased messages that their channel has refused, where another one may take their place, or another phone. Only where each
-- attempt is known to have reached nobody. `refusals`: with this one.
SELECT o.member_id, o.id, o.attempts, r.reason,
       coalesce(o.refusals, '[]') || jsonb_build_object('channel', o.channel, 'device_id', o.device_id, 'reason', r.reason,
                                                        'at', :now::timestamptz) AS refusals
FROM unnest(:member_id::uuid[], :id::uuid[], :attempts::int[], :reason::text[]) AS r (member_id, id, attempts, reason)
JOIN outbox o ON (o.member_id, o.id) = (r.member_id, r.id) /* spread: AND o.member_id = ANY (:member_id) */
JOIN campaigns k ON k.id = o.campaign_id
WHERE o.state = 'sending' AND o.attempts = r.attempts AND o.sealed_message IS NULL AND o.reached_device_ids IS NULL
  AND o.attempts_before = 0 AND o.attempts_refused = o.attempts - 1
  AND :now < least(o.expires_at,
                   coalesce(o.released_at, o.created_at) + make_interval(mins => k.fallback_within_minutes))
  AND (EXISTS (SELECT
               FROM unnest(k.channels) AS other
               WHERE other <> o.channel
                 AND NOT coalesce(o.refusals, '[]') @> jsonb_build_array(jsonb_build_object('channel', other)))
       OR EXISTS (SELECT
                  FROM devices d
                  WHERE d.member_id = o.member_id /* spread: AND d.member_id = ANY (:member_id) */ AND d.id <> o.device_id
                    AND d.revoked_at IS NULL AND d.push_token_state = 'active'));

-- name: refuse_messages batch
-- They leave the channel that has refused them, and keep their place in the caps. `attempts` is the fence.
UPDATE outbox AS o
SET state = 'refused', lease_until = NULL, next_attempt_at = :now, failure = r.reason, sent_at = NULL,
    provider_message_id = NULL, attempts_refused = o.attempts_refused + 1, refusals = r.refusals
FROM unnest(:member_id::uuid[], :id::uuid[], :attempts::int[], :reason::text[], :refusals::jsonb[])
     AS r (member_id, id, attempts, reason, refusals)
WHERE (o.member_id, o.id) = (r.member_id, r.id) /* spread: AND o.member_id = ANY (:member_id) */ AND o.state = :former_state
  AND o.attempts = r.attempts
RETURNING o.id, o.campaign_id;

-- name: find_refusable_sent one
-- One that its provider had taken, and reports as undeliverable now. What it told of is still worth telling.
SELECT o.member_id, o.id, o.attempts, :reason::text AS reason,
       coalesce(o.refusals, '[]') || jsonb_build_object('channel', o.channel, 'device_id', NULL, 'reason', :reason::text,
                                                        'at', :now::timestamptz) AS refusals
FROM outbox o
JOIN campaigns k ON k.id = o.campaign_id
WHERE o.member_id = :member_id AND o.id = :id AND o.channel = :channel AND o.state = 'sent'
  AND o.attempts_before = 0 AND o.attempts_refused = o.attempts - 1
  AND :now < least(o.expires_at,
                   coalesce(o.released_at, o.created_at) + make_interval(mins => k.fallback_within_minutes))
  AND EXISTS (SELECT
              FROM unnest(k.channels) AS other
              WHERE other <> o.channel
                AND NOT coalesce(o.refusals, '[]') @> jsonb_build_array(jsonb_build_object('channel', other)));
