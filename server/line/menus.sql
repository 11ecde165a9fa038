-- name: list_out_of_date fan-out round
-- Accounts to which LINE shows another menu than that of their member's rank, or of those who are linked.
SELECT l.member_id, l.program_id, l.user_hash, l.sealed_user_id, coalesce(r.menu_id, d.menu_id) AS menu_id
FROM line_links l
JOIN line_channels c ON c.program_id = l.program_id
LEFT JOIN member_ranks k ON k.member_id = l.member_id
LEFT JOIN line_menus r ON r.program_id = l.program_id AND r.state = 'rank-' || k.rank_code
LEFT JOIN line_menus d ON d.program_id = l.program_id AND d.state = 'linked'
WHERE l.blocked_at IS NULL AND l.menu_id IS DISTINCT FROM coalesce(r.menu_id, d.menu_id)
LIMIT $1;
