-- name: list_entered fan-out page
-- Each once. The index of transitions is by store and id, and an id tells when it was made.
SELECT DISTINCT t.store_id, t.member_id
FROM stores s
JOIN transitions t ON t.store_id = s.id AND t.id >= $2 AND t.id < $3
WHERE s.program_id = $1 AND s.closed_at IS NULL AND t.kind = 'enter'
LIMIT 200000;

-- name: list_places reference
SELECT id, name, ST_Y(location::geometry) AS lat, ST_X(location::geometry) AS lon
FROM stores
WHERE program_id = $1 AND closed_at IS NULL;
