-- name: read_passes batch
-- All that passes show. A pass goes on while its member is active, its device signed in and a card there: `number`.
SELECT asked.member_id, asked.device_id, m.program_id, coalesce(d.locale, m.locale) AS locale, p.name AS program_name,
       p.campaign_version, c.number, r.name AS rank_name, k.offer, k.store_name, k.expires_at,
       CASE WHEN EXISTS (SELECT FROM point_rules WHERE program_id = m.program_id) THEN
           (SELECT coalesce(sum(remaining), 0)::bigint FROM point_lots
            WHERE member_id = m.member_id /* spread: AND member_id = ANY ($1) */ AND expires_at > $3)
       END AS points,
       f.watermark, f.stays, f.motion, ST_Y(s.location::geometry) AS lat, ST_X(s.location::geometry) AS lon
FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, device_id)
JOIN members m ON m.member_id = asked.member_id /* spread: AND m.member_id = ANY ($1) */
JOIN programs p ON p.id = m.program_id
LEFT JOIN devices d ON (d.member_id, d.id) = (asked.member_id, asked.device_id) /* spread: AND d.member_id = ANY ($1) */
    AND d.revoked_at IS NULL
LEFT JOIN cards c ON c.member_id = d.member_id /* spread: AND c.member_id = ANY ($1) */ AND c.state = 'active' AND m.state = 'active'
LEFT JOIN member_ranks mr ON mr.member_id = m.member_id /* spread: AND mr.member_id = ANY ($1) */
LEFT JOIN ranks r ON (r.program_id, r.code) = (m.program_id, mr.rank_code)
LEFT JOIN LATERAL (
    SELECT coalesce(o.offer, g.offer) AS offer, ws.name AS store_name, u.expires_at
    FROM coupons u
    JOIN campaigns w ON w.id = u.campaign_id
    JOIN campaign_versions g ON (g.campaign_id, g.version) = (u.campaign_id, u.campaign_version)
    LEFT JOIN variant_offers o ON (o.campaign_id, o.version) = (u.campaign_id, u.variant_version)
    JOIN stores ws ON ws.id = u.store_id
    WHERE u.member_id = m.member_id /* spread: AND u.member_id = ANY ($1) */ AND u.expires_at > $3 AND w.withdrawn_at IS NULL
      AND (SELECT count(*) FROM redemptions x
           WHERE (x.member_id, x.coupon_id) = (u.member_id, u.id) /* spread: AND x.member_id = ANY ($1) */ AND x.held_until IS NULL) < u.uses
    ORDER BY u.expires_at, u.id
    LIMIT 1
) k ON true
LEFT JOIN LATERAL (
    SELECT watermark, stays, motion
    FROM presences
    WHERE member_id = m.member_id /* spread: AND member_id = ANY ($1) */ AND m.location_consent AND motion <> '{}'
    ORDER BY watermark DESC NULLS LAST
    LIMIT 1
) f ON true
LEFT JOIN LATERAL (
    SELECT store_id
    FROM visits
    WHERE member_id = m.member_id /* spread: AND member_id = ANY ($1) */ AND undone_at IS NULL
    ORDER BY first_at DESC, store_id
    LIMIT 1
) v ON true
LEFT JOIN stores s ON s.id = coalesce(v.store_id, m.enrolled_store_id);
