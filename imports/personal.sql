-- name: export_imported_members batch
SELECT member_id, line, profile, visits, first_visit_on, last_visit_on, imported_at, claimed_at
FROM imported_members
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_imported_contacts batch
SELECT member_id, program_id, kind, value_hash, sealed_value
FROM imported_contacts
WHERE member_id = ANY ($1)
ORDER BY member_id, kind;

-- name: erase_imported_contacts batch
DELETE FROM imported_contacts
WHERE member_id = ANY ($1);

-- name: erase_imported_members batch
DELETE FROM imported_members
WHERE member_id = ANY ($1);
