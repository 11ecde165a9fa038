-- name: count_all fan-out bench
SELECT
    (SELECT count(*) FROM stores WHERE closed_at IS NULL) AS stores,
    (SELECT count(*) FROM geofences WHERE deleted_at IS NULL) AS geofences,
    (SELECT count(*) FROM members) AS members,
    (SELECT count(*) FROM transitions) AS transitions,
    (SELECT count(*) FROM coupons) AS coupons_issued,
    (SELECT count(*) FROM visits) AS visits,
    (SELECT count(*) FROM redemptions WHERE till_id IS NOT NULL) AS redemptions,
    (
        SELECT coalesce(sum(held.number - 1), 0)::bigint
        FROM (SELECT count(*) AS number FROM coupons GROUP BY member_id, campaign_id, period_key) AS held
    ) AS duplicate_coupons,
    (
        SELECT count(*)
        FROM budgets b
        WHERE b.cap < (
            SELECT count(*)
            FROM coupons c
            WHERE c.campaign_id = b.campaign_id AND (b.store_id IS NULL OR b.store_id = c.store_id)
              AND (b.day IS NULL OR b.day = c.business_day)
        )
    ) AS caps_exceeded,
    (SELECT count(*) FROM outbox WHERE state = 'deferred') AS pushes_deferred,
    (SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending', 'retryable')) AS pushes_waiting;

-- name: count_waiting_pushes fan-out bench
SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending', 'retryable');

-- name: find_missing_coupons fan-out bench
SELECT told.id
FROM unnest($1::uuid[]) AS told (id)
WHERE NOT EXISTS (SELECT FROM coupons WHERE coupons.id = told.id);

-- name: count_doors fan-out bench
SELECT s.name,
    count(*) FILTER (WHERE t.kind = 'enter') AS enters,
    count(*) FILTER (WHERE t.kind = 'exit') AS exits
FROM transitions AS t
JOIN stores AS s ON s.id = t.store_id
GROUP BY s.id, s.name
ORDER BY enters DESC, s.name;

-- name: fingerprint fan-out bench
SELECT
    (SELECT count(*) FROM transitions),
    (SELECT count(*) FROM coupons),
    (SELECT count(*) FROM outbox),
    (SELECT sum(version) FROM presences);
