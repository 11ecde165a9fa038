-- name: delete_postal_places local
DELETE FROM postal_places;

-- name: insert_postal_places local
INSERT INTO postal_places (postal_code, location)
SELECT postal_code, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography
FROM unnest($1::text[], $2::float8[], $3::float8[]) AS place (postal_code, lat, lon);
