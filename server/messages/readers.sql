-- name: read_readers batch
-- What their own words can be filled with. Attributes that are for profiling are asked for where they consented.
SELECT m.member_id, g.name AS program, m.profiling_consent, p.name, p.kana, p.nickname, p.attributes
FROM unnest($1::uuid[]) AS asked (member_id)
JOIN members m ON m.member_id = asked.member_id /* spread: AND m.member_id = ANY ($1) */
JOIN programs g ON g.id = m.program_id
LEFT JOIN profiles p ON p.member_id = m.member_id /* spread: AND p.member_id = ANY ($1) */;
