-- name: find_google_classes local
SELECT program_id, logo_url, background_color, synced_hash
FROM google_classes
WHERE program_id = ANY ($1);

-- name: upsert_google_class local
-- Two owners at once: what Google took last may not be what is stored last, so it is sent once more.
INSERT INTO google_classes (program_id, logo_url, background_color, changed_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (program_id) DO UPDATE
SET logo_url = excluded.logo_url, background_color = excluded.background_color, synced_hash = NULL,
    changed_at = excluded.changed_at;

-- name: record_class_synced local
-- Unless an owner has changed it meanwhile.
UPDATE google_classes
SET synced_hash = $4
WHERE program_id = $1 AND logo_url = $2 AND background_color IS NOT DISTINCT FROM $3;
