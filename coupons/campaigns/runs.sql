-- name: insert_run local
INSERT INTO campaign_runs (id, program_id, campaign_id, occasion, state, audience_id, audience_version, speed, local_at,
                           not_before, due_at, started_by, created_at)
VALUES (:id, :program_id, :campaign_id, :occasion, 'waiting', :audience_id, :audience_version, :speed, :local_at,
        :not_before, :due_at, :started_by, :created_at)
ON CONFLICT (campaign_id, occasion) DO NOTHING
RETURNING id;

-- name: list_runs local
-- The newest first; `only` asks for one alone.
SELECT r.id, r.program_id, r.campaign_id, r.occasion, r.state, r.audience_id, r.audience_version, r.speed, r.local_at,
       r.not_before, r.due_at, r.started_by, r.created_at, r.ended_at, p.members, p.walked, p.decided, p.outcomes
FROM campaign_runs r
CROSS JOIN LATERAL (
    SELECT sum(members)::int AS members, coalesce(sum(walked), 0)::int AS walked,
           coalesce(sum(decided), 0)::int AS decided,
           (SELECT jsonb_object_agg(key, number)
            FROM (SELECT o.key, sum(o.value::int) AS number
                  FROM run_parts q CROSS JOIN LATERAL jsonb_each_text(q.outcomes) o
                  WHERE q.run_id = r.id
                  GROUP BY o.key) counted) AS outcomes
    FROM run_parts
    WHERE run_id = r.id
) p
WHERE r.program_id = :program_id AND r.campaign_id = :campaign_id AND r.id < :before
  AND (:only::uuid IS NULL OR r.id = :only)
ORDER BY r.id DESC
LIMIT :fetch_count;

-- name: stop_run local
-- Whoever is at a part holds the run until its batch is committed: after the answer nothing more is issued.
UPDATE campaign_runs
SET state = 'stopped', ended_at = $3
WHERE campaign_id = $1 AND id = $2 AND state IN ('waiting', 'running')
RETURNING id;

-- name: resume_run local
-- What is past of a pace stays past.
UPDATE campaign_runs r
SET state = CASE WHEN p.parts = 0 THEN 'waiting' ELSE 'running' END, ended_at = NULL,
    paced_from = CASE WHEN r.members_per_s IS NOT NULL THEN $3::timestamptz END,
    paced_after = CASE r.pace_counts WHEN 'walked' THEN p.walked WHEN 'decided' THEN p.decided ELSE 0 END
FROM (SELECT count(*) AS parts, coalesce(sum(walked), 0)::int AS walked, coalesce(sum(decided), 0)::int AS decided
      FROM run_parts
      WHERE run_id = $2) p
WHERE r.campaign_id = $1 AND r.id = $2 AND r.state = 'stopped'
RETURNING r.id;

-- name: lock_waiting_run local
-- One that is to be planned; whoever else looks takes another.
SELECT r.id, r.program_id, r.campaign_id, r.occasion, r.state, r.audience_id, r.audience_version, r.speed, r.local_at,
       r.not_before, r.due_at, r.started_by, r.created_at, r.ended_at, NULL::int AS members, 0 AS walked, 0 AS decided,
       NULL AS outcomes
FROM campaign_runs r
WHERE r.state = 'waiting' AND r.due_at <= $1
ORDER BY r.due_at, r.id
LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED;

-- name: start_run local
UPDATE campaign_runs
SET state = 'running', members_per_s = $2, pace_counts = $3, paced_from = $4
WHERE id = $1;

-- name: insert_parts local
INSERT INTO run_parts (run_id, number, due_at, after_at, is_last_wave, after_member, until_member, members)
SELECT :run_id, number - 1, due_at, after_at, is_last_wave, after_member, until_member, members
FROM unnest(:due_at::timestamptz[], :after_at::timestamptz[], :is_last_wave::bool[], :after_member::uuid[],
            :until_member::uuid[], :members::int[])
     WITH ORDINALITY AS new (due_at, after_at, is_last_wave, after_member, until_member, members, number);

-- name: lease_part local
-- One that is due and at which nobody is; the run's pace leaves room for it.
UPDATE run_parts p
SET lease_until = current_timestamp + make_interval(secs => $2)
FROM (
    SELECT q.run_id, q.number
    FROM run_parts q
    JOIN campaign_runs r ON r.id = q.run_id AND r.state = 'running'
    WHERE q.done_at IS NULL AND q.due_at <= $1 AND (q.lease_until IS NULL OR q.lease_until <= current_timestamp)
      AND NOT r.id = ANY ($3)
      AND (r.members_per_s IS NULL
           OR r.paced_after + floor(extract(epoch FROM $1 - r.paced_from) * r.members_per_s)
              > (SELECT sum(CASE WHEN r.pace_counts = 'walked' THEN walked ELSE decided END)
                 FROM run_parts
                 WHERE run_id = r.id))
    ORDER BY q.due_at, q.run_id, q.number
    LIMIT 1
    FOR NO KEY UPDATE OF q SKIP LOCKED
) free
WHERE p.run_id = free.run_id AND p.number = free.number
RETURNING p.run_id, p.number, p.due_at, p.after_at, p.is_last_wave, p.after_member, p.until_member, p.cursor, p.members;

-- name: release_part local
UPDATE run_parts
SET lease_until = NULL
WHERE run_id = $1 AND number = $2 AND done_at IS NULL;

-- name: hold_run local
-- As long as a batch lasts nobody stops it; other batches are not kept waiting.
SELECT r.id, r.program_id, r.campaign_id, r.occasion, r.state, r.audience_id, r.audience_version, r.speed, r.local_at,
       r.not_before, r.due_at, r.started_by, r.created_at, r.ended_at, NULL::int AS members, 0 AS walked, 0 AS decided,
       NULL AS outcomes
FROM campaign_runs r
WHERE r.id = $1 AND r.state = 'running'
FOR SHARE;

-- name: read_allowance local
-- How many members the pace leaves by $2; null: it has none.
SELECT r.pace_counts, (r.paced_after + floor(extract(epoch FROM $2 - r.paced_from) * r.members_per_s))::bigint
       - (SELECT sum(CASE WHEN r.pace_counts = 'walked' THEN walked ELSE decided END) FROM run_parts WHERE run_id = r.id)
       AS members
FROM campaign_runs r
WHERE r.id = $1;

-- name: hold_part local
-- Where it stands as the caller knows it.
SELECT number
FROM run_parts
WHERE run_id = $1 AND number = $2 AND cursor IS NOT DISTINCT FROM $3 AND done_at IS NULL
FOR NO KEY UPDATE;

-- name: advance_part local
UPDATE run_parts
SET cursor = coalesce(:cursor, cursor), walked = walked + :walked, decided = decided + :decided,
    outcomes = outcomes
        || (SELECT coalesce(jsonb_object_agg(key, value::int + coalesce((outcomes ->> key)::int, 0)), '{}')
            FROM jsonb_each_text(:outcomes::jsonb)),
    lease_until = CASE WHEN :is_done THEN NULL ELSE current_timestamp + make_interval(secs => :lease_s) END,
    done_at = CASE WHEN :is_done THEN :now::timestamptz END
WHERE run_id = :run_id AND number = :number;

-- name: end_runs local
-- Of which no part is left. Asked after a part's commit, so that of two last parts one sees both.
UPDATE campaign_runs r
SET state = 'done', ended_at = $1
WHERE r.state = 'running' AND NOT EXISTS (SELECT FROM run_parts p WHERE p.run_id = r.id AND p.done_at IS NULL)
RETURNING r.id;

-- name: stop_runs_of_ended local
UPDATE campaign_runs r
SET state = 'stopped', ended_at = $1
FROM campaigns c
WHERE r.state IN ('waiting', 'running') AND c.id = r.campaign_id AND c.state = 'ended';

-- name: purge_parts local
DELETE FROM run_parts p
USING campaign_runs r
WHERE r.id = p.run_id AND r.ended_at < $1;

-- name: purge_runs local
DELETE FROM campaign_runs r
WHERE r.ended_at < $1;

-- name: begin_sweep local
INSERT INTO campaign_sweeps (campaign_id, swept_to)
VALUES ($1, $2)
ON CONFLICT (campaign_id) DO NOTHING;

-- name: hold_sweep local
-- Who comes second passes on.
SELECT swept_to
FROM campaign_sweeps
WHERE campaign_id = $1
FOR NO KEY UPDATE SKIP LOCKED;

-- name: advance_sweep local
UPDATE campaign_sweeps
SET swept_to = $2
WHERE campaign_id = $1;
