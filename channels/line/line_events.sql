-- name: insert_events local
-- One that came before is left as it is: whoever sends it again has one effect.
INSERT INTO line_events (program_id, event_id, sealed_event, user_hash, state, next_attempt_at, received_at)
SELECT :program_id, event.event_id, event.sealed_event, event.user_hash, 'pending', :now, :now
FROM unnest(:event_id::text[], :sealed_event::bytea[], :user_hash::bytea[])
    AS event (event_id, sealed_event, user_hash)
ON CONFLICT (program_id, event_id) DO NOTHING;

-- name: record_event local
UPDATE line_events
SET state = :outcome, lease_until = NULL, next_attempt_at = coalesce(:retry_at, next_attempt_at),
    sealed_event = CASE WHEN :outcome = 'retryable' THEN sealed_event END,
    user_hash = CASE WHEN :outcome = 'retryable' THEN user_hash END
WHERE program_id = :program_id AND event_id = :event_id AND attempts = :attempts AND state = 'sending';

-- name: purge_events local
DELETE FROM line_events
WHERE received_at < $1;
