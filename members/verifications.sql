-- name: replace_verifications one
-- The member asks for another code for the same contact, for whatever purpose: the former one is worth nothing now.
UPDATE contact_verifications
SET state = 'replaced'
WHERE member_id = $1 AND kind = $2 AND value_hash = $3 AND state = 'open';

-- name: insert_verification one
INSERT INTO contact_verifications (member_id, id, program_id, kind, value_hash, sealed_value, code_hash, purpose,
                                   is_proved, state, created_at, expires_at)
VALUES (:member_id, :id, :program_id, :kind, :value_hash, :sealed_value, :code_hash, :purpose, :is_proved, 'open',
        :created_at, :expires_at)
ON CONFLICT (member_id, kind, value_hash) WHERE state = 'open' DO NOTHING
RETURNING id;

-- name: count_attempt one
-- One statement counts and reads: however many guess at once, only as many get to see the code as there are tries.
UPDATE contact_verifications
SET attempts = attempts + 1
WHERE member_id = :member_id AND id = :id AND purpose = :purpose AND state = 'open' AND attempts < :max_attempts
  AND expires_at > :now
RETURNING member_id, id, program_id, kind, value_hash, sealed_value, code_hash, attempts, is_proved, expires_at;

-- name: find_verification_state one
SELECT state
FROM contact_verifications
WHERE member_id = $1 AND id = $2 AND purpose = $3;

-- name: confirm_verification one
UPDATE contact_verifications
SET state = 'confirmed'
WHERE member_id = $1 AND id = $2;

-- name: close_verifications one
UPDATE contact_verifications
SET state = 'replaced'
WHERE member_id = $1 AND state = 'open';

-- name: count_code reference
-- One statement again. No row: not yet. Many ask at once, so without a pause an earlier moment may come later.
INSERT INTO verification_code_counts AS held (program_id, kind, value_hash, window_started_at, last_sent_at, sent)
VALUES (:program_id, :kind, :value_hash, :now, :now, 1)
ON CONFLICT (program_id, kind, value_hash) DO UPDATE
SET sent = CASE WHEN held.window_started_at <= :window_from THEN 1 ELSE held.sent + 1 END,
    window_started_at = CASE WHEN held.window_started_at <= :window_from THEN :now ELSE held.window_started_at END,
    last_sent_at = greatest(held.last_sent_at, :now)
WHERE (:pause_from::timestamptz IS NULL OR held.last_sent_at <= :pause_from)
  AND (held.sent < :max_sent OR held.window_started_at <= :window_from)
RETURNING sent;

-- name: find_code_count reference
SELECT window_started_at, last_sent_at, sent
FROM verification_code_counts
WHERE program_id = $1 AND kind = $2 AND value_hash = $3;

-- name: purge_verifications fan-out hourly
DELETE FROM contact_verifications
WHERE created_at < $1;

-- name: purge_code_counts reference
DELETE FROM verification_code_counts
WHERE last_sent_at < $1;
