-- What this package holds about a person: $1 are the member and all who became them.
-- What waits to be sent goes too. What is being sent at this moment still arrives; its outcome finds no row.

-- name: export_outbox batch
-- Without the sealed messages: they hold codes.
SELECT member_id, id, channel, device_id, reached_device_ids, coupon_id, campaign_id, payload, state, attempts, attempts_before,
       attempts_refused, refusals, released_at, next_attempt_at, lease_until, expires_at, created_at, sent_at, provider_message_id, failure, dismissed_at, priority, lane, rings_until, deferrals,
       counted_on, quota_day
FROM outbox
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: erase_outbox batch
-- What came of their messages stays counted; what waits does not wait any more.
WITH gone AS (
    DELETE FROM outbox
    WHERE member_id = ANY ($1)
    RETURNING campaign_id, channel, state
)
INSERT INTO message_tally_changes (campaign_id, channel, measure, change)
SELECT campaign_id, channel, 'waiting', -count(*)
FROM gone
WHERE state = 'deferred'
GROUP BY campaign_id, channel;
