-- name: insert_staff reference
-- Nothing for an address that is there: an error would write it into PostgreSQL's log.
INSERT INTO staff (id, program_id, email, name, password_hash, role, created_at)
VALUES (:id, :program_id, :email, :name, :password_hash, :role, :created_at)
ON CONFLICT (program_id, email) DO NOTHING
RETURNING id;

-- name: insert_staff_stores local
INSERT INTO staff_stores (staff_id, store_id)
SELECT $1, unnest($2::uuid[]);

-- name: delete_staff_stores local
DELETE FROM staff_stores
WHERE staff_id = $1;

-- name: update_staff reference
UPDATE staff
SET name = $3, role = $4
WHERE program_id = $1 AND id = $2 AND disabled_at IS NULL
RETURNING id;

-- name: disable_staff reference
UPDATE staff
SET disabled_at = $3
WHERE program_id = $1 AND id = $2 AND disabled_at IS NULL
RETURNING id;

-- name: lock_owners reference
SELECT id
FROM staff
WHERE program_id = $1 AND role = 'owner' AND disabled_at IS NULL
ORDER BY id
FOR UPDATE;

-- name: list_owners reference
SELECT id, program_id, email
FROM staff
WHERE program_id = $1 AND role = 'owner' AND disabled_at IS NULL
ORDER BY id;

-- name: find_staff local
SELECT s.id, s.program_id, s.email, s.name, s.role, s.created_at, s.disabled_at,
       array(SELECT store_id FROM staff_stores WHERE staff_id = s.id ORDER BY store_id) AS store_ids
FROM staff s
WHERE s.program_id = $1 AND s.id = $2;

-- name: list_staff_names reference
SELECT id, name
FROM staff
WHERE program_id = $1 AND id = ANY ($2);

-- name: list_staff local
SELECT s.id, s.program_id, s.email, s.name, s.role, s.created_at, s.disabled_at,
       array(SELECT store_id FROM staff_stores WHERE staff_id = s.id ORDER BY store_id) AS store_ids
FROM staff s
WHERE s.program_id = $1 AND s.id < $2
ORDER BY s.id DESC
LIMIT $3;

-- name: find_login reference
SELECT s.id, s.password_hash
FROM staff s
JOIN programs p ON p.id = s.program_id
WHERE p.code = $1 AND s.email = lower($2) AND s.disabled_at IS NULL;

-- name: find_password_hash reference
SELECT password_hash
FROM staff
WHERE program_id = $1 AND id = $2 AND disabled_at IS NULL;

-- name: set_password_hash reference
UPDATE staff
SET password_hash = $3
WHERE program_id = $1 AND id = $2 AND disabled_at IS NULL
RETURNING id;

-- name: find_account reference
SELECT id, program_id, email
FROM staff
WHERE program_id = $1 AND id = $2 AND disabled_at IS NULL;

-- name: lock_staff reference
SELECT id
FROM staff
WHERE id = $1 AND disabled_at IS NULL
FOR UPDATE;

-- name: delete_password_resets_of local
DELETE FROM password_resets
WHERE staff_id = $1;

-- name: delete_staff_links_of local
DELETE FROM staff_links
WHERE staff_id = $1;

-- name: insert_session local
INSERT INTO staff_sessions (token_hash, staff_id, method, created_at, expires_at)
VALUES (:token_hash, :staff_id, :method, :now, :expires_at);

-- name: delete_session local
DELETE FROM staff_sessions
WHERE token_hash = $1;

-- name: delete_other_sessions local
DELETE FROM staff_sessions
WHERE staff_id = $1 AND token_hash <> $2;

-- name: list_sessions local
SELECT token_hash AS name, token_hash = $2 AS is_this, method, created_at, expires_at
FROM staff_sessions
WHERE staff_id = $1 AND expires_at > $3
ORDER BY created_at DESC, token_hash
LIMIT 50;

-- name: delete_session_of local
DELETE FROM staff_sessions
WHERE staff_id = $1 AND token_hash = $2;

-- name: delete_sessions_of local
DELETE FROM staff_sessions
WHERE staff_id = $1;

-- name: delete_expired_sessions local
DELETE FROM staff_sessions
WHERE expires_at < $1;

-- name: find_person_of_session local
-- Also of one that has expired.
SELECT staff_id
FROM staff_sessions
WHERE token_hash = $1;

-- name: find_session local
SELECT s.id, s.program_id, s.role,
       array(SELECT store_id FROM staff_stores WHERE staff_id = s.id) AS store_ids,
       p.demands_second_factor
       AND NOT EXISTS (SELECT FROM staff_authenticators WHERE staff_id = s.id AND confirmed_at IS NOT NULL)
       AND NOT EXISTS (SELECT FROM staff_passkeys WHERE staff_id = s.id) AS lacks_factor
FROM staff_sessions t
JOIN staff s ON s.id = t.staff_id
JOIN programs p ON p.id = s.program_id
WHERE t.token_hash = $1 AND t.expires_at > $2 AND s.disabled_at IS NULL;
