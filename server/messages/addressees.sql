-- name: find_addressee one
-- The member as they are now, and what has become of the coupon. Of several addresses or
-- numbers the first, of those that take e-mail.
SELECT m.state = 'active' AS is_active, m.email_consent, m.sms_consent, m.voice_consent, m.profiling_consent, g.message_quota, g.time_zone,
       h.value_hash, h.sealed_value, l.sealed_user_id, a.sms_route = 'dialect' AS takes_replies,
       CASE WHEN o.outlives_use THEN NULL
            WHEN k.withdrawn_at IS NOT NULL THEN 'coupon_withdrawn'
            WHEN c.uses <= (SELECT count(*) FROM redemptions AS r
                            WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.member_id = $1 AND r.held_until IS NULL)
            THEN CASE WHEN EXISTS (SELECT FROM redemptions AS r
                                   WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.member_id = $1 AND r.void_id IS NOT NULL)
                      THEN 'coupon_voided' ELSE 'coupon_used' END END AS fate
FROM outbox o
JOIN members m ON m.member_id = o.member_id
JOIN programs g ON g.id = m.program_id
JOIN coupons c ON (c.member_id, c.id) = (o.member_id, o.coupon_id)
JOIN campaigns k ON k.id = c.campaign_id
LEFT JOIN line_links l ON l.member_id = m.member_id AND l.blocked_at IS NULL
LEFT JOIN phone_accounts a ON a.program_id = m.program_id
LEFT JOIN LATERAL (
    SELECT value_hash, sealed_value
    FROM handles
    WHERE member_id = m.member_id AND kind = CASE WHEN o.channel = 'email' THEN 'email' ELSE 'phone' END
      AND NOT EXISTS (SELECT FROM email_suppressions s WHERE (s.member_id, s.value_hash) = (m.member_id, handles.value_hash) AND s.member_id = $1)
    ORDER BY value_hash
    LIMIT 1
) h ON true
WHERE o.member_id = $1 AND o.id = $2;
