-- name: insert_passkey local
INSERT INTO staff_passkeys (credential_id, staff_id, name, public_key, sign_count, created_at)
VALUES (:credential_id, :staff_id, :name, :public_key, :sign_count, :now)
ON CONFLICT (credential_id) DO NOTHING
RETURNING staff_id;

-- name: list_passkeys local
SELECT credential_id, staff_id, name, public_key, sign_count, created_at, used_at
FROM staff_passkeys
WHERE staff_id = $1
ORDER BY created_at, credential_id;

-- name: find_passkey local
SELECT k.credential_id, k.staff_id, k.name, k.public_key, k.sign_count, k.created_at, k.used_at
FROM staff_passkeys k
JOIN staff s ON s.id = k.staff_id
WHERE k.credential_id = $1 AND s.disabled_at IS NULL;

-- name: use_passkey local
-- A counter that does not rise tells of a copy; an authenticator that does not count stays at zero.
UPDATE staff_passkeys
SET sign_count = $2, used_at = $3
WHERE credential_id = $1 AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))
RETURNING staff_id;

-- name: delete_passkey local
DELETE FROM staff_passkeys
WHERE staff_id = $1 AND credential_id = $2
RETURNING staff_id;

-- name: delete_passkeys local
DELETE FROM staff_passkeys
WHERE staff_id = $1;
