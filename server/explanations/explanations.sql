-- name: find_store reference
SELECT s.id AS store_id, s.created_at, s.closed_at,
       EXISTS (SELECT FROM geofences g WHERE g.store_id = s.id AND g.deleted_at IS NULL) AS has_geofence
FROM stores s
WHERE s.program_id = $1 AND s.id = $2;

-- name: find_person batch
-- $1: the member; $2: the member and all who became them.
SELECT m.state, m.created_at, m.location_consent,
       EXISTS (SELECT FROM devices d WHERE d.member_id = m.member_id AND d.member_id = $1 AND d.revoked_at IS NULL) AS has_device,
       (SELECT max(p.watermark) FROM presences p WHERE p.member_id = ANY ($2)) AS last_fix_at
FROM members m
WHERE m.member_id = $1;

-- name: list_seen_of_member batch
-- `store_ids` null: at all stores.
SELECT kind, store_id, event_at
FROM (
    (SELECT kind, store_id, event_at
     FROM transitions
     WHERE member_id = ANY (:member_ids) AND received_at >= :from_at AND event_at BETWEEN :from_at AND :to_at
       AND (:store_ids::uuid[] IS NULL OR store_id = ANY (:store_ids))
     ORDER BY received_at DESC
     LIMIT :limit)
    UNION ALL
    (SELECT 'visit', store_id, at
     FROM visit_evidence
     WHERE member_id = ANY (:member_ids) AND at BETWEEN :from_at AND :to_at AND undone_at IS NULL
       AND (:store_ids::uuid[] IS NULL OR store_id = ANY (:store_ids))
     ORDER BY id DESC
     LIMIT :limit)
) seen;

-- name: list_seen_at_store fan-out page
-- Ids are made in the order of time: what is older than `oldest_id` is left out by the key.
SELECT kind, store_id, event_at
FROM (
    (SELECT kind, store_id, event_at
     FROM transitions
     WHERE store_id = :store_id AND id >= :oldest_id AND event_at BETWEEN :from_at AND :to_at
     ORDER BY id DESC
     LIMIT :limit)
    UNION ALL
    (SELECT 'visit', store_id, at
     FROM visit_evidence
     WHERE store_id = :store_id AND id >= :oldest_id AND at BETWEEN :from_at AND :to_at AND undone_at IS NULL
     ORDER BY id DESC
     LIMIT :limit)
) seen;

-- name: list_messages batch
-- Of these coupons, the first one of each.
SELECT DISTINCT ON (o.coupon_id) o.coupon_id, o.channel, o.state, o.failure, o.next_attempt_at, o.sent_at, o.refusals,
       (SELECT at FROM message_receipts
        WHERE member_id = o.member_id AND member_id = ANY ($1) AND message_id = o.id AND channel = o.channel AND kind = 'delivered') AS delivered_at,
       (SELECT at FROM message_receipts
        WHERE member_id = o.member_id AND member_id = ANY ($1) AND message_id = o.id AND channel = o.channel AND kind = 'displayed') AS displayed_at,
       (SELECT at FROM message_receipts
        WHERE member_id = o.member_id AND member_id = ANY ($1) AND message_id = o.id AND channel = o.channel AND kind = 'opened') AS opened_at
FROM outbox o
WHERE o.member_id = ANY ($1) AND o.coupon_id = ANY ($2)
ORDER BY o.coupon_id, o.id;

-- name: list_states reference
-- In which state the campaign was from when on, as its staff chose it, the newest first.
SELECT definition ->> 'state' AS state, changed_at AS since
FROM campaign_versions
WHERE campaign_id = $1 AND changed_at <= $2
ORDER BY version DESC
LIMIT $3;
