-- name: upsert_rank_rules reference
INSERT INTO rank_rules (program_id, measure, period, rolling_days, time_zone, version, changed_at)
VALUES (:program_id, :measure, :period, :rolling_days, :time_zone, 1, :now)
ON CONFLICT (program_id) DO UPDATE
SET measure = excluded.measure, period = excluded.period, rolling_days = excluded.rolling_days,
    time_zone = excluded.time_zone, version = rank_rules.version + 1, changed_at = excluded.changed_at
RETURNING version;

-- name: remove_ranks reference
DELETE FROM ranks
WHERE program_id = $1;

-- name: insert_ranks reference
INSERT INTO ranks (program_id, code, name, threshold)
SELECT $1, code, name, threshold
FROM unnest($2::text[], $3::jsonb[], $4::bigint[]) AS new (code, name, threshold);

-- name: read_rank_rules reference
SELECT program_id, measure, period, rolling_days, time_zone, version
FROM rank_rules
WHERE program_id = ANY ($1);

-- name: read_ranks reference
SELECT program_id, code, name, threshold
FROM ranks
WHERE program_id = ANY ($1)
ORDER BY threshold;

-- name: read_member_ranks batch
SELECT member_id, rank_code, since, valid_until, rules_version
FROM member_ranks
WHERE member_id = ANY ($1);

-- name: upsert_member_ranks batch
INSERT INTO member_ranks (member_id, program_id, rank_code, since, valid_until, rules_version)
SELECT *
FROM unnest(:member_id::uuid[], :program_id::uuid[], :rank_code::text[], :since::timestamptz[],
            :valid_until::timestamptz[], :rules_version::bigint[])
ON CONFLICT (member_id) DO UPDATE
SET rank_code = excluded.rank_code, since = excluded.since, valid_until = excluded.valid_until,
    rules_version = excluded.rules_version;

-- name: delete_member_rank one
DELETE FROM member_ranks
WHERE member_id = $1;

-- name: insert_rank_changes batch
INSERT INTO rank_changes (member_id, id, former_rank_code, rank_code, at)
SELECT *
FROM unnest(:member_id::uuid[], :id::uuid[], :former_rank_code::text[], :rank_code::text[], :at::timestamptz[]);

-- name: list_rank_changes one
SELECT id, former_rank_code, rank_code, at
FROM rank_changes
WHERE member_id = $1 AND id < $2
ORDER BY id DESC
LIMIT $3;

-- name: find_due_ranks fan-out hourly
SELECT member_id, program_id
FROM member_ranks
WHERE valid_until <= $1
ORDER BY valid_until
LIMIT $2;

-- name: find_outdated_ranks fan-out hourly
-- Judged by rules that have changed since. One range of the index a program.
SELECT m.member_id, m.program_id
FROM rank_rules r
JOIN member_ranks m ON m.program_id = r.program_id AND m.rules_version < r.version
LIMIT $1;
