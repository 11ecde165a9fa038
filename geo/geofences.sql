-- name: insert_geofence reference
INSERT INTO geofences (id, program_id, store_id, name, centre, radius_m, area,
                       exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s, report_crossings,
                       version, created_at)
VALUES (:id, :program_id, :store_id, :name,
        CASE WHEN :lat::float8 IS NULL THEN NULL ELSE ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography END,
        :radius_m, ST_GeomFromWKB(:area, 4326), :exit_margin_m, :exit_confirm_s, :exit_confirm_fixes, :dwell_s,
        :report_crossings, :version, :now);

-- name: update_geofence reference
UPDATE geofences
SET name = :name,
    centre = CASE WHEN :lat::float8 IS NULL THEN NULL ELSE ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography END,
    radius_m = :radius_m, area = ST_GeomFromWKB(:area, 4326),
    exit_margin_m = :exit_margin_m, exit_confirm_s = :exit_confirm_s, exit_confirm_fixes = :exit_confirm_fixes,
    dwell_s = :dwell_s, report_crossings = :report_crossings,
    version = :version
WHERE program_id = :program_id AND id = :id AND deleted_at IS NULL
RETURNING id;

-- name: delete_geofence reference
UPDATE geofences
SET deleted_at = $3, version = $4
WHERE program_id = $1 AND id = $2 AND deleted_at IS NULL
RETURNING id;

-- name: delete_geofences_of_store reference
UPDATE geofences
SET deleted_at = $3, version = $4
WHERE program_id = $1 AND store_id = $2 AND deleted_at IS NULL;

-- name: find_geofence reference
SELECT id, program_id, store_id, name, ST_Y(centre::geometry) AS lat, ST_X(centre::geometry) AS lon, radius_m,
       ST_AsBinary(area) AS area, exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s, report_crossings
FROM geofences
WHERE program_id = $1 AND id = $2 AND deleted_at IS NULL;

-- name: list_geofences reference
SELECT id, program_id, store_id, name, ST_Y(centre::geometry) AS lat, ST_X(centre::geometry) AS lon, radius_m,
       ST_AsBinary(area) AS area, exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s, report_crossings
FROM geofences
WHERE program_id = $1 AND id < $2 AND deleted_at IS NULL AND ($4::uuid[] IS NULL OR store_id = ANY ($4))
ORDER BY id DESC
LIMIT $3;

-- name: copy_geofences reference
-- As geo.copied_fences reads them: a mark, what has a fixed width, then the rest; and nothing is null.
SELECT $1::bigint, id, program_id, store_id, coalesce(ST_Y(centre::geometry), 'NaN'),
       coalesce(ST_X(centre::geometry), 'NaN'), radius_m, exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s,
       report_crossings, name, coalesce(ST_AsBinary(area), '')
FROM geofences
WHERE deleted_at IS NULL AND id > $2
ORDER BY id
LIMIT $3;

-- name: read_changed_geofences reference
-- The deleted ones too. A program's changes have its versions in the order of their commits.
SELECT id, g.program_id, store_id, name, ST_Y(centre::geometry) AS lat, ST_X(centre::geometry) AS lon, radius_m,
       ST_AsBinary(area) AS area, exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s, report_crossings,
       deleted_at IS NOT NULL AS is_deleted
FROM unnest($1::uuid[], $2::bigint[]) AS known (program_id, version)
JOIN geofences g ON g.program_id = known.program_id AND g.version > known.version;

-- name: read_geofences_of_stores reference
SELECT id, program_id, store_id, name, ST_Y(centre::geometry) AS lat, ST_X(centre::geometry) AS lon, radius_m,
       ST_AsBinary(area) AS area, exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s, report_crossings,
       false AS is_deleted
FROM geofences
WHERE program_id = $1 AND store_id = ANY ($2) AND deleted_at IS NULL
ORDER BY id;

-- name: list_ids_of_stores reference
SELECT store_id, id
FROM geofences
WHERE program_id = $1 AND store_id = ANY ($2) AND deleted_at IS NULL
ORDER BY id;

-- name: read_geofences_near reference
SELECT id, program_id, store_id, name, ST_Y(centre::geometry) AS lat, ST_X(centre::geometry) AS lon, radius_m,
       ST_AsBinary(area) AS area, exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s, report_crossings,
       false AS is_deleted
FROM geofences
WHERE program_id = :program_id AND deleted_at IS NULL
  AND id IN (SELECT g.id
             FROM unnest(:west::float8[], :south::float8[], :east::float8[], :north::float8[])
                  AS b (west, south, east, north)
             JOIN geofences g ON g.box && ST_MakeEnvelope(b.west, b.south, b.east, b.north, 4326)
             WHERE g.program_id = :program_id AND g.deleted_at IS NULL
             LIMIT :most);

-- name: find_version reference
SELECT version
FROM geofences
WHERE program_id = $1 AND id = $2 AND deleted_at IS NULL;

-- name: find_store_of_removed reference
SELECT store_id
FROM geofences
WHERE program_id = $1 AND id = $2 AND deleted_at IS NOT NULL;

-- name: read_geofences reference
SELECT id, program_id, store_id, name, ST_Y(centre::geometry) AS lat, ST_X(centre::geometry) AS lon, radius_m,
       ST_AsBinary(area) AS area, exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s, report_crossings,
       false AS is_deleted
FROM geofences
WHERE program_id = $1 AND id = ANY ($2) AND deleted_at IS NULL;

-- name: write_geofences reference
INSERT INTO geofences AS held (id, program_id, store_id, name, centre, radius_m, area,
                               exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s, report_crossings,
                               version, created_at)
SELECT id, :program_id, store_id, name,
       CASE WHEN lat IS NULL THEN NULL ELSE ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography END,
       radius_m, ST_GeomFromWKB(area, 4326), exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s,
       report_crossings, :version, :now
FROM unnest(:id::uuid[], :store_id::uuid[], :name::text[], :lat::float8[], :lon::float8[], :radius_m::float8[],
            :area::bytea[], :exit_margin_m::float8[], :exit_confirm_s::float8[], :exit_confirm_fixes::smallint[],
            :dwell_s::float8[], :report_crossings::boolean[])
     AS new (id, store_id, name, lat, lon, radius_m, area, exit_margin_m, exit_confirm_s, exit_confirm_fixes, dwell_s,
             report_crossings)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, centre = excluded.centre, radius_m = excluded.radius_m, area = excluded.area,
    exit_margin_m = excluded.exit_margin_m, exit_confirm_s = excluded.exit_confirm_s,
    exit_confirm_fixes = excluded.exit_confirm_fixes, dwell_s = excluded.dwell_s,
    report_crossings = excluded.report_crossings, version = excluded.version
WHERE held.program_id = excluded.program_id AND held.deleted_at IS NULL;
