-- name: insert_presences
INSERT INTO presences (member_id, device_id, program_id, version)
SELECT member_id, device_id, program_id, 0
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS new (member_id, device_id, program_id);

-- name: swap_presences
-- Compare and swap: a row is written only if it still has the version that was read. The rows are offered in
-- key order, so that two batches take their locks in the same order.
INSERT INTO presences AS held (member_id, device_id, program_id, version, watermark, stays)
SELECT member_id, device_id, program_id, version + 1, watermark, stays
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::jsonb[])
     AS new (member_id, device_id, program_id, version, watermark, stays)
ORDER BY member_id, device_id
ON CONFLICT (member_id, device_id) DO UPDATE
SET version = excluded.version, watermark = excluded.watermark, stays = excluded.stays
WHERE held.version = excluded.version - 1
RETURNING device_id;
