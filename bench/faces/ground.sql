-- name: read_code reference
SELECT code
FROM programs
WHERE id = $1;

-- name: insert_circles reference
-- One around the door of each store that has none.
INSERT INTO geofences (id, program_id, store_id, name, centre, radius_m, version, created_at)
SELECT gen_random_uuid(), $1, stores.id, 'Door', location, 40 + 160 * random(), $2, $3
FROM stores
WHERE program_id = $1 AND NOT EXISTS (SELECT FROM geofences WHERE store_id = stores.id);
