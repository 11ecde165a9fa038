-- name: change_tallies local
INSERT INTO message_tally_changes (campaign_id, channel, measure, change)
SELECT *
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[]);

-- name: fold_tallies local
-- Two workers that fold at once take different changes, or the second finds those of the first gone.
WITH taken AS (
    DELETE FROM message_tally_changes c
    USING (SELECT id FROM message_tally_changes ORDER BY id LIMIT $1) first
    WHERE c.id = first.id
    RETURNING c.campaign_id, c.channel, c.measure, c.change
), folded AS (
    INSERT INTO message_tallies AS held (campaign_id, channel, measure, messages)
    SELECT campaign_id, channel, measure, sum(change)
    FROM taken
    GROUP BY campaign_id, channel, measure
    ORDER BY campaign_id, channel, measure
    ON CONFLICT (campaign_id, channel, measure) DO UPDATE SET messages = held.messages + excluded.messages
)
SELECT count(*)
FROM taken;

-- name: read_tallies local
-- What has been folded, and what came since then.
SELECT channel, measure, sum(messages)::bigint AS messages
FROM (
    SELECT channel, measure, messages
    FROM message_tallies
    WHERE campaign_id = $1
    UNION ALL
    SELECT channel, measure, change
    FROM message_tally_changes
    WHERE campaign_id = $1
) counted
GROUP BY channel, measure
HAVING sum(messages) <> 0
ORDER BY channel, measure;
