-- name: refuse_messages batch
-- Where another channel may take their place, leased messages leave the one that has refused them. In this statement
-- it is both decided and done, so that a worker that dies has done all of it or nothing. `attempts` is the fence. Only
-- where each attempt is known to have reached nobody; the place in the caps is kept.
UPDATE outbox AS o
SET state = 'refused', lease_until = NULL, next_attempt_at = :now, failure = r.reason,
    attempts_refused = o.attempts_refused + 1,
    refusals = coalesce(o.refusals, '[]')
               || jsonb_build_object('channel', o.channel, 'device_id', o.device_id, 'reason', r.reason,
                                     'at', :now::timestamptz)
FROM campaigns AS k
CROSS JOIN unnest(:member_id::uuid[], :id::uuid[], :attempts::int[], :reason::text[])
           AS r (member_id, id, attempts, reason)
WHERE (o.member_id, o.id) = (r.member_id, r.id) AND o.state = 'sending' AND o.attempts = r.attempts
  AND k.id = o.campaign_id AND o.sealed_message IS NULL AND o.reached_device_ids IS NULL
  AND o.attempts_before = 0 AND o.attempts_refused = o.attempts - 1
  AND :now < least(o.expires_at,
                   coalesce(o.released_at, o.created_at) + make_interval(mins => k.fallback_within_minutes))
  AND (EXISTS (SELECT
               FROM unnest(k.channels) AS other
               WHERE other <> o.channel
                 AND NOT coalesce(o.refusals, '[]') @> jsonb_build_array(jsonb_build_object('channel', other)))
       OR EXISTS (SELECT
                  FROM devices d
                  WHERE d.member_id = o.member_id AND d.id <> o.device_id AND d.revoked_at IS NULL
                    AND d.push_token_state = 'active'))
RETURNING o.id;

-- name: refuse_sent one
-- Of one that its provider had taken, and reports as undeliverable now. What it told of is still worth telling.
UPDATE outbox AS o
SET state = 'refused', next_attempt_at = :now, failure = :reason, sent_at = NULL, provider_message_id = NULL,
    attempts_refused = o.attempts_refused + 1,
    refusals = coalesce(o.refusals, '[]')
               || jsonb_build_object('channel', o.channel, 'device_id', NULL, 'reason', :reason::text,
                                     'at', :now::timestamptz)
FROM campaigns AS k
WHERE o.member_id = :member_id AND o.id = :id AND o.channel = :channel AND o.state = 'sent'
  AND k.id = o.campaign_id
  AND o.attempts_before = 0 AND o.attempts_refused = o.attempts - 1
  AND :now < least(o.expires_at,
                   coalesce(o.released_at, o.created_at) + make_interval(mins => k.fallback_within_minutes))
  AND EXISTS (SELECT
              FROM unnest(k.channels) AS other
              WHERE other <> o.channel
                AND NOT coalesce(o.refusals, '[]') @> jsonb_build_array(jsonb_build_object('channel', other)))
RETURNING o.campaign_id;
