-- name: insert_audit_entry reference
INSERT INTO audit_entries (id, program_id, actor, action, target, at)
VALUES (:id, :program_id, :actor, :action, :target, :now);

-- name: list_audit_entries reference
SELECT id, actor, action, target, at
FROM audit_entries
WHERE program_id = $1 AND id < $2 AND ($4::text IS NULL OR actor = $4)
ORDER BY id DESC
LIMIT $3;
