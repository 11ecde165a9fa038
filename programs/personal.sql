-- What this package holds about a person: $1 are the member and all who became them.
-- An entry is about a member where its target names them, or a posting of theirs. What the staff did stays in the trail,
-- without whom it was about.

-- name: export_audit_entries batch
SELECT id, actor, action, target, at
FROM audit_entries a
WHERE a.program_id IN (SELECT program_id FROM members WHERE member_id = ANY ($1))
  AND (a.target IN (SELECT id::text FROM point_postings WHERE member_id = ANY ($1))
       OR EXISTS (SELECT FROM unnest($1::uuid[]) AS m WHERE position(m::text IN a.target) > 0))
ORDER BY id;

-- name: find_audit_entries batch
SELECT m.program_id, p.id::text AS target
FROM members m
LEFT JOIN point_postings p ON p.member_id = m.member_id
WHERE m.member_id = ANY ($1);

-- name: erase_audit_entries reference
UPDATE audit_entries a
SET target = 'erased'
WHERE a.program_id = ANY ($2::uuid[])
  AND (a.target = ANY ($3::text[])
       OR EXISTS (SELECT FROM unnest($1::uuid[]) AS m WHERE position(m::text IN a.target) > 0));
