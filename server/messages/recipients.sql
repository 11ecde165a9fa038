-- name: read_recipients batch
-- Of the phones that can be pushed to: those that were seen after $3, then the one that was asked for, then the one that
-- was seen last.
SELECT m.member_id, asked.device_id AS asked_device_id, m.state = 'active' AS is_active, m.push_consent, m.locale,
       coalesce(p.time_zone, s.time_zone, g.time_zone) AS time_zone, m.quiet_start, m.quiet_end,
       g.quiet_start AS program_quiet_start, g.quiet_end AS program_quiet_end, g.message_day_cap, g.message_week_cap,
       d.id AS device_id, d.is_idle, coalesce(d.language, d.locale) AS device_language
FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, device_id)
JOIN members m ON m.member_id = asked.member_id /* spread: AND m.member_id = ANY ($1) */
JOIN programs g ON g.id = m.program_id
LEFT JOIN profiles p ON p.member_id = m.member_id /* spread: AND p.member_id = ANY ($1) */
LEFT JOIN stores s ON s.id = m.enrolled_store_id
LEFT JOIN LATERAL (
    SELECT id, locale, language, last_seen_at <= $3 AS is_idle
    FROM devices
    WHERE member_id = m.member_id /* spread: AND member_id = ANY ($1) */ AND revoked_at IS NULL AND push_token_state = 'active'
    ORDER BY last_seen_at <= $3, id = asked.device_id DESC NULLS LAST, last_seen_at DESC, id DESC
    LIMIT 1
) d ON true;

-- name: read_ways batch
-- By which other channels than pushes a member can be reached. Who has linked their LINE account to get messages there,
-- and has not blocked the official account, consents to them; an unlinking withdraws it.
SELECT m.member_id, m.email_consent, m.sms_consent, m.voice_consent, a.calls_from, a.calls_until,
       h.has_phone AND a.sms_route IS NOT NULL AS has_sms, h.has_phone AND a.voice_sender IS NOT NULL AS has_voice,
       EXISTS (SELECT FROM mail_settings WHERE program_id = m.program_id)
       AND EXISTS (SELECT FROM handles h
                   WHERE h.member_id = m.member_id AND h.kind = 'email'
                     AND NOT EXISTS (SELECT FROM email_suppressions s
                                     WHERE (s.member_id, s.value_hash) = (h.member_id, h.value_hash) /* spread: AND s.member_id = ANY ($1) */)) AS has_email,
       EXISTS (SELECT FROM line_channels WHERE program_id = m.program_id)
       AND EXISTS (SELECT FROM line_links l WHERE l.member_id = m.member_id /* spread: AND l.member_id = ANY ($1) */ AND l.blocked_at IS NULL) AS has_line
FROM members m
LEFT JOIN phone_accounts a ON a.program_id = m.program_id
CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM handles WHERE member_id = m.member_id AND kind = 'phone') AS has_phone
) h
WHERE m.member_id = ANY ($1);
