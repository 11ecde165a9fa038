-- name: upsert_page local
INSERT INTO messenger_pages (program_id, page_id, sealed_credentials, changed_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (program_id) DO UPDATE
SET page_id = excluded.page_id, sealed_credentials = excluded.sealed_credentials, changed_at = excluded.changed_at;

-- name: find_page local
SELECT program_id, page_id, sealed_credentials, changed_at
FROM messenger_pages
WHERE program_id = $1;

-- name: delete_page local
DELETE FROM messenger_pages
WHERE program_id = $1
RETURNING program_id;
