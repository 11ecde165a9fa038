-- name: count_latencies local
-- A day is one of the program's calendar.
INSERT INTO message_latencies AS held (program_id, day, stage, bucket, slot, times)
SELECT g.id, (new.at AT TIME ZONE g.time_zone)::date, new.stage, new.bucket, :slot, sum(new.times)
FROM unnest(:program_id::uuid[], :stage::text[], :bucket::smallint[], :at::timestamptz[], :times::bigint[])
     AS new (program_id, stage, bucket, at, times)
JOIN programs g ON g.id = new.program_id
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
ON CONFLICT (program_id, day, stage, bucket, slot) DO UPDATE SET times = held.times + excluded.times;

-- name: sum_latencies local
SELECT day, stage, bucket, sum(times)::bigint AS times
FROM message_latencies
WHERE program_id = $1 AND day BETWEEN $2 AND $3
GROUP BY day, stage, bucket
ORDER BY day, stage, bucket;

-- name: purge_latencies local
DELETE FROM message_latencies
WHERE day < $1;
