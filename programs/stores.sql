-- name: insert_store reference
INSERT INTO stores (id, program_id, code, name, time_zone, address, phone, location, opening_hours, day_start_hour, version,
                    created_at, store_groups)
VALUES (:id, :program_id, :code, :name, :time_zone, :address, :phone,
        CASE WHEN :lat::float8 IS NULL THEN NULL ELSE ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography END,
        :opening_hours, :day_start_hour, :version, :created_at, :store_groups);

-- name: update_store reference
UPDATE stores
SET name = :name, time_zone = :time_zone, address = :address, phone = :phone,
    location = CASE WHEN :lat::float8 IS NULL THEN NULL ELSE ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography END,
    opening_hours = :opening_hours, day_start_hour = :day_start_hour, store_groups = :store_groups, version = :version
WHERE program_id = :program_id AND id = :id AND closed_at IS NULL
RETURNING id;

-- name: close_store reference
UPDATE stores
SET closed_at = $3, version = $4
WHERE program_id = $1 AND id = $2 AND closed_at IS NULL
RETURNING id;

-- name: find_store reference
SELECT id, program_id, code, name, time_zone, address, phone, ST_Y(location::geometry) AS lat,
       ST_X(location::geometry) AS lon, opening_hours, day_start_hour, created_at, closed_at, store_groups
FROM stores
WHERE program_id = $1 AND id = $2;

-- name: find_stores reference
SELECT id, program_id, code, name, time_zone, address, phone, ST_Y(location::geometry) AS lat,
       ST_X(location::geometry) AS lon, opening_hours, day_start_hour, created_at, closed_at, store_groups
FROM stores
WHERE program_id = $1 AND id = ANY ($2);

-- name: find_version reference
SELECT version
FROM stores
WHERE program_id = $1 AND id = $2 AND closed_at IS NULL;

-- name: list_stores reference
SELECT id, program_id, code, name, time_zone, address, phone, ST_Y(location::geometry) AS lat,
       ST_X(location::geometry) AS lon, opening_hours, day_start_hour, created_at, closed_at, store_groups
FROM stores
WHERE program_id = :program_id AND id < :before AND (:only::uuid[] IS NULL OR id = ANY (:only))
  AND (:code::text IS NULL OR code = :code) AND (closed_at IS NULL OR :with_closed)
ORDER BY id DESC
LIMIT :fetch_count;

-- name: find_nearest_stores reference
-- `<->` measures on the sphere, which is enough to choose; whoever asks sorts the few by their true distance.
SELECT id, program_id, code, name, time_zone, address, phone, ST_Y(location::geometry) AS lat,
       ST_X(location::geometry) AS lon, opening_hours, day_start_hour, created_at, closed_at, store_groups,
       ST_Distance(location, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography) AS distance_m
FROM stores
WHERE program_id = :program_id AND closed_at IS NULL AND location IS NOT NULL
  AND (:only::uuid[] IS NULL OR id = ANY (:only))
ORDER BY location <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography
LIMIT :limit;

-- name: find_joined_store reference
-- An enrolment link needs no credential: it tells no more than the poster does.
SELECT s.id AS store_id, s.name AS store_name, p.code AS program_code, p.name AS program_name,
       p.join_url
FROM stores s
JOIN programs p ON p.id = s.program_id
WHERE s.id = $1 AND s.closed_at IS NULL;

-- name: find_program_of_stores reference
SELECT id, program_id
FROM stores
WHERE id = ANY ($1);

-- name: find_generations reference
SELECT program_id, qr_generation AS printed, display_generation AS display
FROM stores
WHERE id = $1 AND closed_at IS NULL;

-- name: renew_qr reference
-- After the last number comes the first: nobody keeps a poster for so long.
UPDATE stores
SET qr_generation = qr_generation % 32767 + 1
WHERE program_id = $1 AND id = $2 AND closed_at IS NULL
RETURNING qr_generation;

-- name: renew_display reference
UPDATE stores
SET display_generation = display_generation % 32767 + 1
WHERE program_id = $1 AND id = $2 AND closed_at IS NULL
RETURNING display_generation;

-- name: count_own_stores reference
SELECT count(*)
FROM stores
WHERE program_id = $1 AND id = ANY ($2) AND closed_at IS NULL;

-- name: copy_open_stores reference
-- As programs.open_stores reads them: a mark, what has a fixed width, then the rest; and nothing is null.
SELECT $1::bigint, id, day_start_hour, code, name, time_zone, coalesce(opening_hours::text, '')
FROM stores
WHERE closed_at IS NULL AND id > $2
ORDER BY id
LIMIT $3;

-- name: read_changed_stores reference
-- The closed ones too. A program's changes have its versions in the order of their commits.
SELECT id, code, name, time_zone, opening_hours, day_start_hour, closed_at IS NOT NULL AS is_closed
FROM unnest($1::uuid[], $2::bigint[]) AS known (program_id, version)
JOIN stores s ON s.program_id = known.program_id AND s.version > known.version;

-- name: find_stores_by_code reference
SELECT id, program_id, code, name, time_zone, address, phone, ST_Y(location::geometry) AS lat,
       ST_X(location::geometry) AS lon, opening_hours, day_start_hour, created_at, closed_at, store_groups
FROM stores
WHERE program_id = $1 AND code = ANY ($2);

-- name: read_stores_from reference
SELECT id, program_id, code, name, time_zone, address, phone, ST_Y(location::geometry) AS lat,
       ST_X(location::geometry) AS lon, opening_hours, day_start_hour, created_at, closed_at, store_groups
FROM stores
WHERE program_id = $1 AND closed_at IS NULL AND code >= $2
ORDER BY code;

-- name: write_stores reference
INSERT INTO stores AS held (id, program_id, code, name, time_zone, address, phone, location, opening_hours,
                            day_start_hour, version, created_at, store_groups)
SELECT id, :program_id, code, name, time_zone, address, phone,
       CASE WHEN lat IS NULL THEN NULL ELSE ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography END,
       opening_hours, day_start_hour, :version, created_at, ARRAY(SELECT jsonb_array_elements_text(store_groups))
FROM unnest(:id::uuid[], :code::text[], :name::text[], :time_zone::text[], :address::text[], :phone::text[],
            :lat::float8[], :lon::float8[], :opening_hours::jsonb[], :day_start_hour::smallint[],
            :created_at::timestamptz[], :store_groups::jsonb[])
     AS new (id, code, name, time_zone, address, phone, lat, lon, opening_hours, day_start_hour, created_at, store_groups)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, time_zone = excluded.time_zone, address = excluded.address, phone = excluded.phone,
    location = excluded.location, opening_hours = excluded.opening_hours, day_start_hour = excluded.day_start_hour,
    store_groups = excluded.store_groups, version = excluded.version
WHERE held.program_id = excluded.program_id;

-- name: read_places_of_program reference
SELECT name, ST_Y(location::geometry) AS lat, ST_X(location::geometry) AS lon
FROM stores
WHERE program_id = $1 AND closed_at IS NULL AND location IS NOT NULL
ORDER BY id;

-- name: find_stores_of_groups reference
SELECT id, store_groups
FROM stores
WHERE program_id = $1 AND store_groups && $2;

-- name: list_store_names reference
SELECT id, name FROM stores WHERE program_id = $1 AND id = ANY ($2);
