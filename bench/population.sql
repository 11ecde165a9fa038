-- name: insert_stores reference
INSERT INTO stores (id, program_id, code, name, time_zone, created_at)
SELECT id, $2, 'store-' || $4::bigint + number, 'Store ' || $4::bigint + number, 'Asia/Tokyo', $3
FROM unnest($1::uuid[]) WITH ORDINALITY AS new (id, number);

-- name: insert_geofences reference
INSERT INTO geofences (id, program_id, store_id, name, centre, radius_m, area, version, created_at)
SELECT id, :program_id, store_id, 'door',
       CASE WHEN area IS NULL THEN ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography END,
       radius_m, ST_GeomFromWKB(area, 4326), 1, :now
FROM unnest(:id::uuid[], :lat::float8[], :lon::float8[], :radius_m::float8[], :area::bytea[], :store_id::uuid[])
     AS new (id, lat, lon, radius_m, area, store_id);

-- name: read_presences fan-out bench
-- What the database holds of the uploads: how many swaps, and the newest fix of each device.
SELECT device_id, version, extract(epoch FROM watermark)::bigint AS watermark_s
FROM presences;

-- name: count_transitions fan-out bench
SELECT count(*)
FROM transitions;

-- name: read_circles reference
SELECT id, program_id, store_id, ST_Y(centre::geometry) AS lat, ST_X(centre::geometry) AS lon
FROM geofences
WHERE centre IS NOT NULL;

-- name: kill_connections reference
-- Those of all of Noren's processes.
SELECT pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'noren';
