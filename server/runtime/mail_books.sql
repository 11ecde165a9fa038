-- name: find_mailbox one
SELECT m.program_id, m.state = 'active' AS is_active, m.email_consent, h.value_hash,
       EXISTS (SELECT FROM email_suppressions AS s WHERE (s.member_id, s.value_hash) = (m.member_id, h.value_hash) AND s.member_id = $1)
           AS is_suppressed
FROM members AS m
LEFT JOIN handles AS h ON h.member_id = m.member_id AND h.kind = 'email'
       AND substring(h.value_hash FOR octet_length($2::bytea)) = $2::bytea
WHERE m.member_id = $1;
