-- name: lock_imported batch
-- In the order of their members: before them in the order of locks (server/web/writes.py).
SELECT member_id, run_id, line, row_hash, profile, claimed_at
FROM imported_members
WHERE member_id = ANY ($1)
ORDER BY member_id
FOR UPDATE;

-- name: find_imported batch
SELECT member_id, run_id, line, row_hash
FROM imported_members
WHERE member_id = ANY ($1);

-- name: upsert_imported batch
-- What a row leaves out stays.
INSERT INTO imported_members AS i (member_id, program_id, run_id, line, row_hash, profile, visits, first_visit_on,
                                   last_visit_on, imported_at)
SELECT member_id, :program_id, :run_id, line, row_hash, profile, visits, first_visit_on, last_visit_on, :now
FROM unnest(:member_id::uuid[], :line::int[], :row_hash::bytea[], :profile::jsonb[], :visits::int[],
            :first_visit_on::date[], :last_visit_on::date[])
     AS new (member_id, line, row_hash, profile, visits, first_visit_on, last_visit_on)
ON CONFLICT (member_id) DO UPDATE
SET run_id = excluded.run_id, line = excluded.line, row_hash = excluded.row_hash, profile = excluded.profile,
    visits = coalesce(excluded.visits, i.visits),
    first_visit_on = CASE WHEN num_nonnulls(excluded.first_visit_on, i.first_visit_on) > 0 THEN
        least(coalesce(excluded.first_visit_on, i.first_visit_on), coalesce(excluded.last_visit_on, i.last_visit_on)) END,
    last_visit_on = coalesce(excluded.last_visit_on, i.last_visit_on), imported_at = excluded.imported_at;

-- name: mark_seen batch
-- The row is the same as before: what remains is that this file had it, in this line.
UPDATE imported_members i
SET run_id = $1, line = n.line
FROM unnest($2::uuid[], $3::int[]) AS n (member_id, line)
WHERE i.member_id = n.member_id /* spread: AND i.member_id = ANY ($2) */;

-- name: upsert_contacts batch
INSERT INTO imported_contacts (member_id, kind, program_id, value_hash, sealed_value)
SELECT member_id, kind, :program_id, value_hash, sealed_value
FROM unnest(:member_id::uuid[], :kind::text[], :value_hash::bytea[], :sealed_value::bytea[])
     AS new (member_id, kind, value_hash, sealed_value)
ON CONFLICT (member_id, kind) DO UPDATE
SET value_hash = excluded.value_hash, sealed_value = excluded.sealed_value;

-- name: find_sharing fan-out import
-- Of these contacts those that a member has too who stands in an earlier line, or came by another file.
SELECT n.member_id, n.kind, min(i.line) FILTER (WHERE i.run_id = :run_id) AS line
FROM unnest(:member_id::uuid[], :line::int[], :kind::text[], :value_hash::bytea[])
     AS n (member_id, line, kind, value_hash)
JOIN imported_contacts c ON c.program_id = :program_id AND c.kind = n.kind AND c.value_hash = n.value_hash
                        AND c.member_id <> n.member_id
JOIN imported_members i ON i.member_id = c.member_id AND (i.run_id <> :run_id OR i.line < n.line)
GROUP BY n.member_id, n.kind;

-- name: find_shared_hashes fan-out import
SELECT c.kind, c.value_hash, c.member_id
FROM imported_contacts c
WHERE c.program_id = $1 AND (c.kind, c.value_hash) IN (SELECT * FROM unnest($2::text[], $3::bytea[]));

-- name: find_waiting fan-out import
-- Two are enough to say that it is not one.
SELECT i.member_id
FROM imported_contacts c
JOIN imported_members i ON i.member_id = c.member_id AND i.claimed_at IS NULL
JOIN members m ON m.member_id = c.member_id AND m.state = 'active'
WHERE c.program_id = $1 AND c.kind = $2 AND c.value_hash = $3
ORDER BY i.member_id
LIMIT 2;

-- name: has_contact one
SELECT count(*) > 0
FROM imported_contacts
WHERE member_id = $1 AND (kind, value_hash) IN (SELECT * FROM unnest($2::text[], $3::bytea[]));

-- name: take_claim one
-- One statement under the row's lock: of two phones one gets it.
UPDATE imported_members
SET claimed_at = $2
WHERE member_id = $1 AND claimed_at IS NULL
RETURNING member_id;

-- name: delete_contacts batch
DELETE FROM imported_contacts
WHERE member_id = ANY ($1);

-- name: delete_imported batch
DELETE FROM imported_members
WHERE member_id = ANY ($1);

-- name: copy_imported batch
-- Two members become one: no key is rewritten (docs/decisions/0003). What the survivor has of their own stays.
INSERT INTO imported_members (member_id, program_id, run_id, line, row_hash, profile, visits, first_visit_on, last_visit_on,
                              imported_at, claimed_at)
SELECT $2, program_id, run_id, line, row_hash, profile, visits, first_visit_on, last_visit_on, imported_at, claimed_at
FROM imported_members
WHERE member_id = $1
ON CONFLICT (member_id) DO NOTHING
RETURNING member_id;
