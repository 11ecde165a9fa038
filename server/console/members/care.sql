-- name: list_messages_of_member batch
-- Of a member and all who became them, the newest first; what was told of each after it was sent.
SELECT o.id, o.channel, o.state, o.failure, o.created_at, o.sent_at, o.follow_up_step, k.name AS campaign_name,
       (SELECT min(r.at) FROM message_receipts r
        WHERE (r.member_id, r.message_id) = (o.member_id, o.id) AND r.member_id = ANY (:member_ids) AND r.kind = 'displayed') AS displayed_at
FROM outbox o
LEFT JOIN campaigns k ON k.id = o.campaign_id
WHERE o.member_id = ANY (:member_ids) AND o.id < :before
ORDER BY o.id DESC
LIMIT :count;

-- name: list_uses_of_coupon one
-- What became of each use, in order: used at a till, taken back, or ended otherwise; and when the staff have voided the
-- coupon and given it back, each with who did it.
SELECT at, what, store_name, by_name
FROM (
    SELECT r.redeemed_at AS at,
           CASE WHEN r.held_until IS NOT NULL THEN 'held' WHEN r.till_id IS NOT NULL THEN 'used'
                WHEN r.moved_to IS NOT NULL THEN 'moved' WHEN r.undone_scan_id IS NOT NULL THEN 'undone_scan'
                ELSE 'had' END AS what,
           s.name AS store_name, t.name AS by_name
    FROM redemptions r
    LEFT JOIN stores s ON s.id = r.store_id
    LEFT JOIN tills t ON t.id = r.till_id
    WHERE (r.member_id, r.coupon_id) = ($1, $2) AND r.void_id IS NULL
    UNION ALL
    SELECT u.redeemed_at, 'used', s.name, t.name
    FROM undone_redemptions u
    JOIN stores s ON s.id = u.store_id
    JOIN tills t ON t.id = u.till_id
    WHERE (u.member_id, u.coupon_id) = ($1, $2)
    UNION ALL
    SELECT u.undone_at, 'taken_back', s.name, t.name
    FROM undone_redemptions u
    JOIN stores s ON s.id = u.store_id
    JOIN tills t ON t.id = u.till_id
    WHERE (u.member_id, u.coupon_id) = ($1, $2)
    UNION ALL
    SELECT v.voided_at, 'voided', NULL, p.name
    FROM coupon_voids v
    JOIN staff p ON p.id = v.voided_by
    WHERE (v.member_id, v.coupon_id) = ($1, $2)
    UNION ALL
    SELECT v.lifted_at, 'lifted', NULL, p.name
    FROM coupon_voids v
    JOIN staff p ON p.id = v.lifted_by
    WHERE (v.member_id, v.coupon_id) = ($1, $2)
) uses
ORDER BY at;

-- name: find_owner_of_coupon one
-- Of a member of the program: the coupon's own member, as whom they stand there now.
SELECT coalesce(m.merged_into, m.member_id) AS member_id
FROM coupons c
JOIN members m ON m.member_id = c.member_id
WHERE c.member_id = $2 AND c.id = $3 AND c.program_id = $1 AND m.state <> 'erased';

-- name: list_erasure_requests fan-out page
SELECT e.member_id, e.requested_at, e.due_at, p.name
FROM erasure_requests e
LEFT JOIN profiles p ON p.member_id = e.member_id
WHERE e.program_id = $1
ORDER BY e.due_at, e.member_id
LIMIT $2;
