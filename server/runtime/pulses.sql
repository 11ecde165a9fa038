-- name: tell_pulse local
INSERT INTO pulses AS p (process_id, posts, p99_ms, measured_at)
VALUES ($1, $2, $3, current_timestamp)
ON CONFLICT (process_id) DO UPDATE
SET posts = excluded.posts, p99_ms = excluded.p99_ms, measured_at = excluded.measured_at;

-- name: read_slowest_pulse local
SELECT max(p99_ms) AS p99_ms
FROM pulses
WHERE measured_at > current_timestamp - make_interval(secs => $1);

-- name: purge_pulses local
DELETE FROM pulses
WHERE measured_at < current_timestamp - interval '1 hour';
