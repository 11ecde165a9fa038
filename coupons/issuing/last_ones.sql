-- name: read_last_ones batch
-- Of one moment. A coupon of which all uses ended with an undone scan has never been one.
SELECT asked.member_id, asked.campaign_id, coalesce(m.version, 0) AS version, (
    SELECT max(c.event_at)
    FROM coupons c
    WHERE (c.member_id, c.campaign_id) = (asked.member_id, asked.campaign_id) /* spread: AND c.member_id = ANY ($1) */ AND c.uses > (
        SELECT count(*)
        FROM redemptions r
        WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) /* spread: AND r.member_id = ANY ($1) */
          AND r.undone_scan_id IS NOT NULL
    )
) AS earned_at
FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, campaign_id)
LEFT JOIN member_campaigns m ON (m.member_id, m.campaign_id) = (asked.member_id, asked.campaign_id) /* spread: AND m.member_id = ANY ($1) */;

-- name: swap_versions batch
INSERT INTO member_campaigns AS m (member_id, campaign_id, version)
SELECT member_id, campaign_id, version + 1
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS read (member_id, campaign_id, version)
ORDER BY member_id, campaign_id
ON CONFLICT (member_id, campaign_id) DO UPDATE
SET version = excluded.version
WHERE m.version = excluded.version - 1
RETURNING m.version;

-- name: pass_versions_on batch
-- To the survivor $2: whoever decides for them by what they read before reads again.
INSERT INTO member_campaigns AS m (member_id, campaign_id, version)
SELECT $2, campaign_id, version
FROM member_campaigns
WHERE member_id = $1
ORDER BY campaign_id
ON CONFLICT (member_id, campaign_id) DO UPDATE
SET version = m.version + excluded.version;
