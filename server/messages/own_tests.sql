-- name: find_own_addresses one
-- Where tests go to a member of the staff who is a member of the program too.
SELECT l.sealed_user_id, h.value_hash, h.sealed_value
FROM members m
LEFT JOIN line_links l ON l.member_id = m.member_id AND l.blocked_at IS NULL
LEFT JOIN LATERAL (
    SELECT value_hash, sealed_value
    FROM handles
    WHERE member_id = m.member_id AND kind = 'phone'
    ORDER BY value_hash
    LIMIT 1
) h ON true
WHERE m.member_id = $1;
