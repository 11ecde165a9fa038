-- name: sum_messages local
-- Of all campaigns of a program, by channel: what has been folded, and what came since then (outbox/tallies.sql).
SELECT counted.channel, counted.measure, sum(counted.messages)::bigint AS messages
FROM campaigns k
CROSS JOIN LATERAL (
    SELECT channel, measure, messages
    FROM message_tallies
    WHERE campaign_id = k.id
    UNION ALL
    SELECT channel, measure, change
    FROM message_tally_changes
    WHERE campaign_id = k.id
) counted
WHERE k.program_id = $1
GROUP BY counted.channel, counted.measure
HAVING sum(counted.messages) <> 0
ORDER BY counted.channel, counted.measure;
