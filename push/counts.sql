-- name: lock_counts batch
-- Of all of them who have a row, in one order: who comes second waits, and sees what the first has counted.
SELECT member_id, days
FROM message_counts
WHERE member_id = ANY ($1)
ORDER BY member_id
FOR NO KEY UPDATE;

-- name: change_counts batch
-- Their rows are there, and are held (`lock_counts`). A spread database reads no days from a text in an UPDATE.
INSERT INTO message_counts (member_id, days)
SELECT member_id, days::date[]
FROM unnest($1::uuid[], $2::text[]) AS new (member_id, days)
ON CONFLICT (member_id) DO UPDATE
SET days = excluded.days;

-- name: add_counts batch
-- Returned are those who had no row meanwhile either.
INSERT INTO message_counts (member_id, days)
SELECT member_id, days::date[]
FROM unnest($1::uuid[], $2::text[]) AS new (member_id, days)
ORDER BY member_id
ON CONFLICT (member_id) DO NOTHING
RETURNING member_id;

-- name: lock_quota local
INSERT INTO message_quotas AS held (program_id, day, used)
VALUES ($1, $2, 0)
ON CONFLICT (program_id, day) DO UPDATE SET used = held.used
RETURNING used;

-- name: use_quota local
UPDATE message_quotas
SET used = used + $3
WHERE program_id = $1 AND day = $2;

-- name: read_quota local
SELECT used
FROM message_quotas
WHERE program_id = $1 AND day = $2;

-- name: mark_in_quota batch
-- A message takes its place once, however often it is tried; `attempts` is the fence.
UPDATE outbox AS o
SET quota_day = $4
FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS m (member_id, id, attempts)
WHERE o.member_id = m.member_id /* spread: AND o.member_id = ANY ($1) */ AND o.id = m.id AND o.attempts = m.attempts AND o.state = 'sending';

-- name: purge_quotas local
DELETE FROM message_quotas
WHERE day < $1;
