-- name: lock_taggable batch
-- In the order of their members, as everywhere.
SELECT member_id
FROM members
WHERE program_id = $2 AND member_id = ANY ($1) AND state NOT IN ('merged', 'erased')
ORDER BY member_id
FOR NO KEY UPDATE;

-- name: list_tags one
SELECT tag
FROM member_tags
WHERE member_id = $1
ORDER BY tag;

-- name: add_tags batch
-- By the staff: one that a file has put on is theirs from now on, and no file takes it off.
INSERT INTO member_tags AS held (member_id, program_id, tag, set_by, tagged_at)
SELECT m.member_id, $1, t.tag, 'staff', $4
FROM unnest($2::uuid[]) AS m (member_id), unnest($3::text[]) AS t (tag)
ON CONFLICT (member_id, tag) DO UPDATE SET set_by = 'staff' WHERE held.set_by = 'import'
RETURNING member_id, xmax = 0 AS is_new;

-- name: add_tags_of_file batch
INSERT INTO member_tags (member_id, program_id, tag, set_by, tagged_at)
SELECT member_id, $1, tag, 'import', $4
FROM unnest($2::uuid[], $3::text[]) AS new (member_id, tag)
ON CONFLICT (member_id, tag) DO NOTHING;

-- name: remove_tags_of_file batch
DELETE FROM member_tags t
USING unnest($1::uuid[], $2::text[]) AS gone (member_id, tag)
WHERE t.member_id = gone.member_id /* spread: AND t.member_id = ANY ($1) */ AND t.tag = gone.tag AND t.set_by = 'import';

-- name: remove_tags batch
DELETE FROM member_tags
WHERE member_id = ANY ($1) AND tag = ANY ($2)
RETURNING member_id;

-- name: find_overtagged batch
SELECT member_id
FROM member_tags
WHERE member_id = ANY ($1)
GROUP BY member_id
HAVING count(*) > $2
ORDER BY member_id;

-- name: count_tags fan-out page
SELECT tag, count(*) AS members
FROM member_tags
WHERE program_id = $1
GROUP BY tag
ORDER BY members DESC, tag
LIMIT $2;

-- name: move_tags batch
WITH gone AS (
    DELETE FROM member_tags
    WHERE member_id = $1
    RETURNING program_id, tag, set_by, tagged_at
)
INSERT INTO member_tags (member_id, program_id, tag, set_by, tagged_at)
SELECT $2, program_id, tag, set_by, tagged_at
FROM gone
ON CONFLICT (member_id, tag) DO UPDATE SET set_by = 'staff' WHERE excluded.set_by = 'staff';
