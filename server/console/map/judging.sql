-- name: count_people fan-out page
-- Who entered any of these geofences since. The index is by the store, so each is asked through its own.
SELECT count(DISTINCT t.member_id)
FROM geofences g
JOIN transitions t ON t.store_id = g.store_id AND t.geofence_id = g.id AND t.id >= $3
WHERE g.program_id = $1 AND g.id = ANY ($2) AND t.kind = 'enter';
