-- name: insert_call_number reference
INSERT INTO call_numbers (id, program_id, number, store_id, poster, created_at)
VALUES (:id, :program_id, :number, :store_id, :poster, :now)
ON CONFLICT (program_id, number) WHERE ended_at IS NULL DO NOTHING
RETURNING id;

-- name: end_call_number reference
UPDATE call_numbers
SET ended_at = $3
WHERE program_id = $1 AND id = $2 AND ended_at IS NULL
RETURNING id;

-- name: find_call_number reference
SELECT id, program_id, number, store_id, poster, created_at, ended_at
FROM call_numbers
WHERE id = $1;

-- name: find_call reference
SELECT answer
FROM incoming_calls
WHERE program_id = $1 AND call_sid = $2;

-- name: insert_call reference
-- No row: the call has been answered already, or its number has been texted today.
INSERT INTO incoming_calls
    (id, program_id, call_sid, number_id, answer, number_hash, texted_on, sealed_message, state, next_attempt_at,
     expires_at, created_at)
VALUES (:id, :program_id, :call_sid, :number_id, :answer, :number_hash, :texted_on, :sealed_message, :state, :now,
        :expires_at, :now)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: change_answer reference
UPDATE incoming_calls
SET answer = $2
WHERE id = $1;

-- name: record_reply reference
-- `attempts` is the fence against a worker whose lease ran out. What is over keeps neither number nor link.
UPDATE incoming_calls
SET state = :outcome, lease_until = NULL, next_attempt_at = coalesce(:retry_at, next_attempt_at), failure = :failure,
    sealed_message = CASE WHEN :outcome = 'retryable' THEN sealed_message END
WHERE id = :id AND attempts = :attempts AND state = 'sending';

-- name: settle_unknown_reply reference
UPDATE incoming_calls
SET state = $2, failure = $3
WHERE id = $1 AND state = 'unknown';

-- name: purge_incoming_calls reference
DELETE FROM incoming_calls
WHERE created_at < $1;
