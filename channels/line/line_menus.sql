-- name: upsert_menu reference
-- The menu that LINE has for the state ends when the new one is there.
INSERT INTO line_menus (program_id, state, chat_bar_text, areas, picture, changed_at, next_attempt_at)
VALUES (:program_id, :state, :chat_bar_text, :areas, :picture, :now, :now)
ON CONFLICT (program_id, state) DO UPDATE
SET chat_bar_text = excluded.chat_bar_text, areas = excluded.areas, picture = excluded.picture,
    changed_at = excluded.changed_at, next_attempt_at = excluded.next_attempt_at, lease_until = NULL, fault = NULL;

-- name: list_menus reference
SELECT state, chat_bar_text, areas, changed_at, menu_id, published_at, fault
FROM line_menus
WHERE program_id = $1
ORDER BY state;

-- name: delete_menu local
WITH gone AS (
    DELETE FROM line_menus
    WHERE program_id = $1 AND state = $2
    RETURNING program_id, menu_id
), ended AS (
    INSERT INTO line_menu_endings (id, program_id, menu_id, next_attempt_at)
    SELECT gen_random_uuid(), program_id, menu_id, $3
    FROM gone
    WHERE menu_id IS NOT NULL
)
SELECT program_id
FROM gone;

-- name: record_published local
WITH former AS (
    SELECT menu_id
    FROM line_menus
    WHERE program_id = :program_id AND state = :state AND changed_at = :changed_at
), ended AS (
    INSERT INTO line_menu_endings (id, program_id, menu_id, next_attempt_at)
    SELECT gen_random_uuid(), :program_id, menu_id, :now
    FROM former
    WHERE menu_id IS NOT NULL
)
UPDATE line_menus
SET menu_id = :menu_id, published_at = :now, next_attempt_at = NULL, lease_until = NULL, fault = NULL
WHERE program_id = :program_id AND state = :state AND changed_at = :changed_at
RETURNING menu_id;

-- name: record_fault reference
UPDATE line_menus
SET fault = :fault, next_attempt_at = :next_attempt_at, lease_until = NULL
WHERE program_id = :program_id AND state = :state AND changed_at = :changed_at;

-- name: set_shown one
-- Unless they have unlinked since, or linked another account.
UPDATE line_links
SET menu_id = $3
WHERE member_id = $1 AND user_hash = $2;

-- name: delete_ending local
DELETE FROM line_menu_endings
WHERE id = $1;

-- name: postpone_ending local
UPDATE line_menu_endings
SET next_attempt_at = $2, lease_until = NULL
WHERE id = $1;
