-- name: count_in_tile reference
-- No more than decides whether each can be drawn. `turns`: a tile at the edge of the world also shows what reaches
-- over from the other edge.
SELECT (SELECT count(*)
        FROM (SELECT 1
              FROM unnest(:turns::int[]) AS t (turn)
              JOIN geofences g ON g.box && ST_MakeEnvelope(:west::float8 - 360 * turn, :south::float8, :east::float8 - 360 * turn, :north::float8, 4326)
              WHERE g.program_id = :program_id::uuid AND g.deleted_at IS NULL
                AND (:only::uuid[] IS NULL OR g.store_id = ANY (:only))
              LIMIT :most::int) AS drawn)
     + (SELECT count(*)
        FROM (SELECT 1
              FROM stores s
              WHERE s.program_id = :program_id::uuid AND s.closed_at IS NULL
                AND (:only::uuid[] IS NULL OR s.id = ANY (:only))
                AND s.location::geometry && ST_MakeEnvelope(:west::float8, :south::float8, :east::float8, :north::float8, 4326)
              LIMIT :most::int) AS placed);

-- name: draw_shapes reference
-- Each geofence as a shape: a circle on Mercator's plane, which differs from the true one by less than a screen shows.
WITH found AS (
    SELECT g.id, g.store_id, g.name, g.centre, g.area, g.radius_m, turn
    FROM unnest(:turns::int[]) AS t (turn)
    JOIN geofences g ON g.box && ST_MakeEnvelope(:west::float8 - 360 * turn, :south::float8, :east::float8 - 360 * turn, :north::float8, 4326)
    WHERE g.program_id = :program_id::uuid AND g.deleted_at IS NULL
      AND (:only::uuid[] IS NULL OR g.store_id = ANY (:only)) AND g.radius_m >= :least_radius_m::float8
    ORDER BY g.radius_m DESC
    LIMIT :most::int
), shapes AS (
    SELECT id::text AS id, store_id::text AS store_id, left(name, 40) AS name,
           ST_AsMVTGeom(
               ST_Translate(
                   CASE WHEN area IS NULL
                        THEN ST_Buffer(ST_Transform(centre::geometry, 3857),
                                       radius_m / cosd(ST_Y(centre::geometry)), 8)
                        ELSE ST_Transform(
                            ST_Simplify(ST_ClipByBox2D(area, ST_Expand(
                                ST_MakeEnvelope(:west::float8 - 360 * turn, :south::float8, :east::float8 - 360 * turn, :north::float8, 4326),
                                (:east::float8 - :west::float8) / 8)), (:east::float8 - :west::float8) / 2048, true), 3857)
                   END, turn * 40075016.6855785, 0),
               ST_TileEnvelope(:z::int, :x::int, :y::int), 4096, 128, true) AS shape
    FROM found
)
SELECT coalesce(ST_AsMVT(shapes, 'fences', 4096, 'shape'), '')
FROM shapes
WHERE shape IS NOT NULL;

-- name: draw_stores reference
WITH places AS (
    SELECT s.id::text AS id, left(s.name, 40) AS name,
           ST_AsMVTGeom(ST_Transform(s.location::geometry, 3857), ST_TileEnvelope(:z::int, :x::int, :y::int), 4096, 0, true) AS place
    FROM stores s
    WHERE s.program_id = :program_id::uuid AND s.closed_at IS NULL AND (:only::uuid[] IS NULL OR s.id = ANY (:only))
      AND s.location::geometry && ST_MakeEnvelope(:west::float8, :south::float8, :east::float8, :north::float8, 4326)
    LIMIT :most::int
)
SELECT coalesce(ST_AsMVT(places, 'stores', 4096, 'place'), '')
FROM places
WHERE place IS NOT NULL;

-- name: draw_groups reference
-- How many there are in each square of a grid, at their middle: a tile has at most 32 times 32 of them.
WITH tile AS (
    SELECT (:x::int)::float8 / (1 << :z::int) AS west, (:x::int + 1)::float8 / (1 << :z::int) AS east,
           (:y::int)::float8 / (1 << :z::int) AS north, (:y::int + 1)::float8 / (1 << :z::int) AS south
), points AS (
    SELECT g.id, NULL::uuid AS store_id, map_x, map_y
    FROM tile
    JOIN geofences g ON map_x >= west AND map_x < east AND map_y >= north AND map_y < south
    WHERE g.program_id = :program_id::uuid AND g.deleted_at IS NULL AND (:only::uuid[] IS NULL OR g.store_id = ANY (:only))
    UNION ALL
    SELECT NULL, s.id, map_x, map_y
    FROM tile
    JOIN stores s ON map_x >= west AND map_x < east AND map_y >= north AND map_y < south
    WHERE s.program_id = :program_id::uuid AND s.closed_at IS NULL AND (:only::uuid[] IS NULL OR s.id = ANY (:only))
), groups AS (
    SELECT ST_MakePoint(round((avg(map_x) * (1 << :z::int) - :x::int) * 4096),
                        round((avg(map_y) * (1 << :z::int) - :y::int) * 4096)) AS middle,
           count(id)::int AS fences, count(store_id)::int AS stores,
           CASE WHEN count(id) = 1 THEN min(id::text COLLATE "C") END AS id
    FROM points
    GROUP BY floor(map_x * (32 << :z::int)), floor(map_y * (32 << :z::int))
)
SELECT coalesce(ST_AsMVT(groups, 'groups', 4096, 'middle'), '')
FROM groups;

-- name: find_extent reference
-- Of the geofences, or of the stores where there are none: where a map begins.
SELECT ST_XMin(extent) AS west, ST_YMin(extent) AS south, ST_XMax(extent) AS east, ST_YMax(extent) AS north
FROM (SELECT coalesce(
          (SELECT ST_Extent(box)
           FROM geofences
           WHERE program_id = $1 AND deleted_at IS NULL AND ($2::uuid[] IS NULL OR store_id = ANY ($2))),
          (SELECT ST_Extent(location::geometry)
           FROM stores
           WHERE program_id = $1 AND closed_at IS NULL AND ($2::uuid[] IS NULL OR id = ANY ($2)))) AS extent) AS found;
