-- name: store_picture reference
-- One that is there is the same to the bit: its name is its content.
INSERT INTO pictures (name, program_id, media_type, content, width_px, height_px, used_at)
VALUES (:name, :program_id, :media_type, :content, :width_px, :height_px, :now)
ON CONFLICT (name, program_id) DO UPDATE
SET used_at = excluded.used_at;

-- name: set_picture reference
UPDATE campaigns
SET picture_name = $2, version = $3
WHERE id = $1;

-- name: let_go reference
UPDATE pictures
SET used_at = $3
WHERE program_id = $1 AND name = $2;

-- name: delete_unshown reference
DELETE FROM pictures p
WHERE p.program_id = $1 AND p.name = $2
  AND NOT EXISTS (SELECT FROM campaigns c WHERE (c.picture_name, c.program_id) = (p.name, p.program_id));

-- name: find_picture reference
-- Whose it is does not matter: the same name is the same content.
SELECT media_type, content
FROM pictures
WHERE name = $1
LIMIT 1;

-- name: purge_unshown reference
DELETE FROM pictures p
WHERE p.used_at < $1
  AND NOT EXISTS (SELECT FROM campaigns c WHERE (c.picture_name, c.program_id) = (p.name, p.program_id));
