-- name: find_sent batch
SELECT o.member_id, o.id, o.program_id, o.channel, o.campaign_id, o.created_at, m.profiling_consent, m.merged_into,
       o.lane = 'urgent' AND o.follow_up_step = 0 AND o.attempts_before = 0 AND o.coupon_id IS NOT NULL AS is_timed
FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, message_id)
JOIN outbox o ON (o.member_id, o.id) = (asked.member_id, asked.message_id) /* spread: AND o.member_id = ANY ($1) */
JOIN members m ON m.member_id = o.member_id /* spread: AND m.member_id = ANY ($1) */;

-- name: list_consents batch
SELECT member_id, profiling_consent
FROM members
WHERE member_id = ANY ($1);

-- name: insert_receipts batch
INSERT INTO message_receipts (member_id, message_id, kind, channel, at, provider_message_id)
SELECT *
FROM unnest(:member_id::uuid[], :message_id::uuid[], :kind::text[], :channel::text[], :at::timestamptz[],
            :provider_message_id::text[])
     AS new (member_id, message_id, kind, channel, at, provider_message_id)
ORDER BY member_id, message_id, kind
ON CONFLICT (member_id, message_id, channel, kind) DO NOTHING
RETURNING member_id, message_id, kind;

-- name: count_receipts local
INSERT INTO receipt_counts AS held (campaign_id, channel, kind, slot, times)
SELECT campaign_id, channel, kind, :slot, times
FROM unnest(:campaign_id::uuid[], :channel::text[], :kind::text[], :times::bigint[])
     AS new (campaign_id, channel, kind, times)
ORDER BY campaign_id, channel, kind
ON CONFLICT (campaign_id, channel, kind, slot) DO UPDATE SET times = held.times + excluded.times;

-- name: sum_receipts local
SELECT channel, kind, sum(times)::bigint AS times
FROM receipt_counts
WHERE campaign_id = $1
GROUP BY channel, kind
ORDER BY channel, kind;
