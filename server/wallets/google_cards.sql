-- name: read_faces batch
-- What a member's card shows in Google Wallet: $1 members, $2 now. `lat`, `lon`: of the store where they were last, or joined.
SELECT m.member_id, m.locale, r.rank_code,
       ST_Y(s.location::geometry) AS lat, ST_X(s.location::geometry) AS lon,
       (
           SELECT coalesce(sum(l.remaining), 0)::bigint
           FROM point_lots l
           WHERE l.member_id = m.member_id /* spread: AND l.member_id = ANY ($1) */ AND l.expires_at > $2
       ) AS balance
FROM members m
LEFT JOIN member_ranks r ON r.member_id = m.member_id /* spread: AND r.member_id = ANY ($1) */
LEFT JOIN stores s ON s.id = coalesce(
    (
        SELECT v.store_id
        FROM visits v
        WHERE v.member_id = m.member_id /* spread: AND v.member_id = ANY ($1) */ AND v.undone_at IS NULL
        ORDER BY v.first_at DESC
        LIMIT 1
    ),
    m.enrolled_store_id
)
WHERE m.member_id = ANY ($1);
