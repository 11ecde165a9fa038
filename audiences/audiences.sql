-- name: insert_audience reference
INSERT INTO audiences (id, program_id, name, version, created_at, changed_at)
VALUES (:id, :program_id, :name, 1, :now, :now);

-- name: insert_version reference
INSERT INTO audience_versions (audience_id, version, program_id, tree, attributes, created_at)
VALUES (:audience_id, :version, :program_id, :tree, :attributes, :now);

-- name: insert_references local
INSERT INTO audience_references (audience_id, version, of_audience_id, of_version)
SELECT DISTINCT $1::uuid, $2::int, of_audience_id, of_version
FROM unnest($3::uuid[], $4::int[]) AS of (of_audience_id, of_version);

-- name: update_audience reference
-- Nobody has changed it since the version that was read.
UPDATE audiences
SET name = :name, version = :version, changed_at = :now
WHERE program_id = :program_id AND id = :id AND version = :known_version AND removed_at IS NULL
RETURNING created_at;

-- name: remove_audience reference
UPDATE audiences
SET removed_at = $3
WHERE program_id = $1 AND id = $2 AND removed_at IS NULL
RETURNING id;

-- name: find_audience reference
-- The newest version, or $3; of one that was removed only what is named by its version.
SELECT a.id, a.program_id, a.name, v.version, v.tree, a.created_at, v.created_at AS changed_at
FROM audiences a
JOIN audience_versions v ON v.audience_id = a.id AND v.version = coalesce($3, a.version)
WHERE a.program_id = $1 AND a.id = $2 AND ($3::int IS NOT NULL OR a.removed_at IS NULL);

-- name: list_audiences reference
SELECT a.id, a.program_id, a.name, v.version, v.tree, a.created_at, v.created_at AS changed_at
FROM audiences a
JOIN audience_versions v ON v.audience_id = a.id AND v.version = a.version
WHERE a.program_id = $1 AND a.id < $2 AND a.removed_at IS NULL
ORDER BY a.id DESC
LIMIT $3;

-- name: lock_newest_versions reference
-- None of them is removed before our commit.
SELECT id, version
FROM audiences
WHERE program_id = $1 AND id = ANY ($2) AND removed_at IS NULL
ORDER BY id
FOR SHARE;

-- name: read_versions local
-- These versions, and all that they refer to.
WITH RECURSIVE found AS (
    SELECT v.audience_id, v.version
    FROM audience_versions v
    WHERE v.program_id = $1 AND (v.audience_id, v.version) IN (SELECT * FROM unnest($2::uuid[], $3::int[]))
    UNION
    SELECT r.of_audience_id, r.of_version
    FROM found f
    JOIN audience_references r ON (r.audience_id, r.version) = (f.audience_id, f.version)
)
SELECT v.audience_id, v.version, v.tree, v.attributes
FROM found f
JOIN audience_versions v ON (v.audience_id, v.version) = (f.audience_id, f.version);

-- name: list_referring_audiences local
-- Whose newest version refers to it, in whatever version.
SELECT a.name
FROM audience_references r
JOIN audiences a ON (a.id, a.version) = (r.audience_id, r.version) AND a.removed_at IS NULL
WHERE r.of_audience_id = $1
ORDER BY a.name;

-- name: list_campaigns_of_audience reference
-- That have not ended.
SELECT c.name
FROM campaigns c
WHERE c.program_id = $1 AND c.audience_id = $2 AND c.state <> 'ended'
ORDER BY c.name;

-- name: list_campaigns_of_attribute reference
-- That have not ended, and choose members by it.
SELECT c.name
FROM campaigns c
JOIN audience_versions v ON (v.audience_id, v.version) = (c.audience_id, c.audience_version)
WHERE c.program_id = $1 AND c.state <> 'ended' AND v.attributes ? $2
ORDER BY c.name;
