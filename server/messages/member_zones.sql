-- name: read_member_zones batch
SELECT m.member_id, coalesce(p.time_zone, s.time_zone, g.time_zone) AS time_zone
FROM members m
JOIN programs g ON g.id = m.program_id
LEFT JOIN profiles p ON p.member_id = m.member_id
LEFT JOIN stores s ON s.id = m.enrolled_store_id
WHERE m.member_id = ANY ($1);

-- name: list_store_zones reference
SELECT DISTINCT time_zone
FROM stores
WHERE id = ANY ($1)
ORDER BY time_zone;
