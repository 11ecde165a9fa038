-- name: find_factors local
SELECT (SELECT confirmed_at IS NOT NULL FROM staff_authenticators WHERE staff_id = $1) AS has_authenticator,
       (SELECT count(*) FROM staff_recovery_codes WHERE staff_id = $1) AS recovery_codes,
       (SELECT count(*) FROM staff_passkeys WHERE staff_id = $1) AS passkeys;

-- name: upsert_authenticator local
-- One that was confirmed is taken away first, and not written over.
INSERT INTO staff_authenticators (staff_id, sealed_secret, created_at)
VALUES ($1, $2, $3)
ON CONFLICT (staff_id) DO UPDATE
SET sealed_secret = excluded.sealed_secret, created_at = excluded.created_at, last_step = 0
WHERE staff_authenticators.confirmed_at IS NULL
RETURNING staff_id;

-- name: find_authenticator local
SELECT sealed_secret, confirmed_at
FROM staff_authenticators
WHERE staff_id = $1;

-- name: confirm_authenticator local
UPDATE staff_authenticators
SET confirmed_at = $3, last_step = $2
WHERE staff_id = $1 AND confirmed_at IS NULL AND last_step < $2
RETURNING staff_id;

-- name: use_authenticator_step local
-- Of two that show one code at once, one is let in.
UPDATE staff_authenticators
SET last_step = $2
WHERE staff_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2
RETURNING staff_id;

-- name: delete_authenticator local
DELETE FROM staff_authenticators
WHERE staff_id = $1;

-- name: insert_recovery_codes local
INSERT INTO staff_recovery_codes (staff_id, code_hash)
SELECT $1, unnest($2::bytea[]);

-- name: use_recovery_code local
DELETE FROM staff_recovery_codes
WHERE staff_id = $1 AND code_hash = $2
RETURNING staff_id;

-- name: delete_recovery_codes local
DELETE FROM staff_recovery_codes
WHERE staff_id = $1;

-- name: insert_challenge local
INSERT INTO staff_challenges (token_hash, staff_id, purpose, challenge, created_at, expires_at)
VALUES (:token_hash, :staff_id, :purpose, :challenge, :now, :expires_at);

-- name: find_challenge local
SELECT c.staff_id, c.challenge, s.program_id
FROM staff_challenges c
LEFT JOIN staff s ON s.id = c.staff_id
WHERE c.token_hash = $1 AND c.purpose = $2 AND c.expires_at > $3 AND c.failed < 5
  AND (c.staff_id IS NULL OR s.disabled_at IS NULL);

-- name: count_attempt local
-- An attempt is counted before it is judged: those that come at once cannot all be the fifth.
UPDATE staff_challenges
SET failed = failed + 1
WHERE token_hash = $1 AND failed < 5 AND expires_at > $2
RETURNING token_hash;

-- name: count_failures_of local
SELECT coalesce(sum(failed), 0) AS failed, min(created_at) AS since
FROM staff_challenges
WHERE staff_id = $1 AND purpose = 'second_factor' AND created_at > $2 AND failed > 0;

-- name: delete_challenge local
DELETE FROM staff_challenges
WHERE token_hash = $1 AND expires_at > $2
RETURNING token_hash;

-- name: purge_challenges local
-- They stay for an hour, since those that failed are counted.
DELETE FROM staff_challenges
WHERE expires_at < $1;
