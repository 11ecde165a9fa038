-- name: read_faces
-- What a member's card shows in Google Wallet: $1 members, $2 now. `near_store_id`: where they were last, or joined.
SELECT m.member_id, m.locale, r.rank_code,
       coalesce(
           (SELECT v.store_id FROM visits v WHERE v.member_id = m.member_id ORDER BY v.first_at DESC LIMIT 1),
           m.enrolled_store_id
       ) AS near_store_id,
       (
           SELECT coalesce(sum(l.remaining), 0)::bigint
           FROM point_lots l
           WHERE l.member_id = m.member_id AND l.expires_at > $2
       ) AS balance
FROM members m
LEFT JOIN member_ranks r ON r.member_id = m.member_id
WHERE m.member_id = ANY ($1);

-- name: read_places_near
-- The stores next to a store, itself first.
SELECT ST_Y(s.location::geometry) AS lat, ST_X(s.location::geometry) AS lon
FROM stores a
JOIN stores s ON s.program_id = a.program_id AND s.closed_at IS NULL AND s.location IS NOT NULL
WHERE a.program_id = $1 AND a.id = $2 AND a.location IS NOT NULL
ORDER BY s.location <-> a.location, s.id
LIMIT $3;
