-- name: reserve
-- Grants what is left of the cap, up to what is asked; an exhausted budget is not even locked.
UPDATE budgets
SET issued = issued + least($2, cap - issued), last_grant = least($2, cap - issued)
WHERE campaign_id = $1 AND issued < cap
RETURNING last_grant;

-- name: release
UPDATE budgets
SET issued = issued - $2
WHERE campaign_id = $1;

-- name: insert_coupons
-- Coupon and push are one statement: there is never one without the other. The key decides who comes first.
WITH granted AS (
    INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, store_id, event_at, issued_at, expires_at)
    SELECT *
    FROM unnest(:member_id::uuid[], :id::uuid[], :program_id::uuid[], :campaign_id::uuid[], :period_key::text[],
                :store_id::uuid[], :event_at::timestamptz[], :issued_at::timestamptz[], :expires_at::timestamptz[])
         AS new (member_id, id, program_id, campaign_id, period_key, store_id, event_at, issued_at, expires_at)
    ORDER BY member_id, campaign_id, period_key
    ON CONFLICT (member_id, campaign_id, period_key) DO NOTHING
    RETURNING member_id, id, program_id, issued_at
), queued AS (
    INSERT INTO outbox (member_id, id, program_id, device_id, coupon_id, payload, state, next_attempt_at, expires_at,
                        created_at)
    SELECT g.member_id, m.id, g.program_id, m.device_id, g.id, m.payload, 'pending', g.issued_at, m.expires_at,
           g.issued_at
    FROM unnest(:push_coupon_id::uuid[], :push_id::uuid[], :push_device_id::uuid[], :push_payload::jsonb[],
                :push_expires_at::timestamptz[])
         AS m (coupon_id, id, device_id, payload, expires_at)
    JOIN granted g ON g.id = m.coupon_id
)
SELECT id
FROM granted;

-- name: find_issued_keys
SELECT c.member_id, c.campaign_id, c.period_key
FROM coupons c
WHERE (c.member_id, c.campaign_id, c.period_key) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]));

-- name: list_coupons_of_member
-- Withdrawn is what had neither been used nor expired by then, and what was issued or given back since.
SELECT c.id, c.member_id, c.campaign_id, c.store_id, c.issued_at, c.expires_at, r.redeemed_at, k.offer,
       k.all_stores AS at_every_store, s.name AS store_name,
       CASE WHEN k.withdrawn_at < c.expires_at AND r.redeemed_at IS NULL THEN k.withdrawn_at END AS withdrawn_at,
       k.withdrawal_reason, k.picture_name
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
LEFT JOIN stores s ON s.id = c.store_id
LEFT JOIN redemptions r ON (r.member_id, r.coupon_id) = (c.member_id, c.id)
WHERE c.member_id = ANY ($1) AND c.id < $2 AND r.moved_to IS NULL AND r.undone_scan_id IS NULL AND r.had_as IS NULL
  AND ($4::timestamptz IS NULL OR (c.expires_at > $4 AND r.redeemed_at IS NULL AND k.withdrawn_at IS NULL))
ORDER BY c.id DESC
LIMIT $3;

-- name: find_stores_of_coupon
SELECT CASE WHEN NOT k.all_stores THEN array(SELECT store_id FROM campaign_stores WHERE campaign_id = k.id) END
           AS store_ids
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
WHERE c.member_id = $1 AND c.id = $2;

-- name: list_usable_coupons
SELECT c.id, c.member_id, c.campaign_id, c.store_id, c.issued_at, c.expires_at, NULL::timestamptz AS redeemed_at, k.offer,
       k.all_stores AS at_every_store, s.name AS store_name, k.withdrawn_at, k.withdrawal_reason,
       k.picture_name
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
LEFT JOIN stores s ON s.id = c.store_id
WHERE c.member_id = ANY ($1) AND c.expires_at > $2 AND k.withdrawn_at IS NULL
  AND NOT EXISTS (SELECT FROM redemptions r WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id))
ORDER BY c.id DESC;

-- name: find_merged_member
SELECT member_id
FROM members
WHERE member_id = ANY ($1) AND state = 'merged'
LIMIT 1;
