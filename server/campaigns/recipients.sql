-- name: read_recipients
-- The phone that was asked for comes first, else the one that was enrolled last, of those that can be pushed to.
SELECT m.member_id, asked.device_id AS asked_device_id, m.state = 'active' AS is_active, m.push_consent, m.locale,
       coalesce(p.time_zone, s.time_zone, g.time_zone) AS time_zone, m.quiet_start, m.quiet_end,
       g.quiet_start AS program_quiet_start, g.quiet_end AS program_quiet_end, g.message_day_cap, g.message_week_cap,
       d.id AS device_id, coalesce(d.language, d.locale) AS device_language
FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, device_id)
JOIN members m ON m.member_id = asked.member_id
JOIN programs g ON g.id = m.program_id
LEFT JOIN profiles p ON p.member_id = m.member_id
LEFT JOIN stores s ON s.id = m.enrolled_store_id
LEFT JOIN LATERAL (
    SELECT id, locale, language
    FROM devices
    WHERE member_id = m.member_id AND revoked_at IS NULL AND push_token_state = 'active'
    ORDER BY id = asked.device_id DESC NULLS LAST, id DESC
    LIMIT 1
) d ON true;
