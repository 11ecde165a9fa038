-- name: insert_coupons batch
-- The key decides who comes first.
INSERT INTO coupons (member_id, id, program_id, campaign_id, campaign_version, variant_version, period_key, store_id,
                     event_at, business_day, issued_at, expires_at, uses)
SELECT *
FROM unnest(:member_id::uuid[], :id::uuid[], :program_id::uuid[], :campaign_id::uuid[], :campaign_version::integer[],
            :variant_version::integer[], :period_key::text[], :store_id::uuid[], :event_at::timestamptz[],
            :business_day::date[], :issued_at::timestamptz[], :expires_at::timestamptz[], :uses::smallint[])
     AS new (member_id, id, program_id, campaign_id, campaign_version, variant_version, period_key, store_id, event_at,
             business_day, issued_at, expires_at, uses)
ORDER BY member_id, campaign_id, period_key COLLATE "C"
ON CONFLICT (member_id, campaign_id, period_key) DO NOTHING
RETURNING id;

-- name: find_issued_keys batch
SELECT c.member_id, c.campaign_id, c.period_key
FROM coupons c
WHERE (c.member_id, c.campaign_id, c.period_key) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]))
  /* spread: AND c.member_id = ANY ($1) */;

-- name: list_coupons_of_member batch
-- Withdrawn is what had neither been used up nor expired by then, and what was issued or given back since. One that moved
-- is not the member's any more, and one that ended before any till took it was never theirs to use, but for one that the
-- staff have voided.
SELECT c.id, c.member_id, c.campaign_id, c.store_id, c.issued_at, c.expires_at, coalesce(o.offer, g.offer) AS offer,
       CASE WHEN r.gone = c.uses AND r.voided_at IS NULL THEN r.redeemed_at END AS redeemed_at, r.voided_at, c.uses,
       c.uses - r.gone AS uses_left,
       k.all_stores AS at_every_store, s.name AS store_name, coalesce(o.benefit, g.benefit) AS benefit, g.conditions,
       CASE WHEN k.withdrawn_at < c.expires_at AND r.gone < c.uses THEN k.withdrawn_at END AS withdrawn_at,
       k.withdrawal_reason, k.picture_name
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
JOIN campaign_versions g ON (g.campaign_id, g.version) = (c.campaign_id, c.campaign_version)
LEFT JOIN variant_offers o ON (o.campaign_id, o.version) = (c.campaign_id, c.variant_version)
LEFT JOIN stores s ON s.id = c.store_id
CROSS JOIN LATERAL (
    SELECT count(*)::int AS gone, max(redeemed_at) FILTER (WHERE till_id IS NOT NULL) AS redeemed_at,
           min(redeemed_at) FILTER (WHERE void_id IS NOT NULL) AS voided_at,
           coalesce(bool_or(moved_to IS NOT NULL), false) AS is_moved
    FROM redemptions
    WHERE (member_id, coupon_id) = (c.member_id, c.id) /* spread: AND member_id = ANY ($1) */ AND held_until IS NULL
) r
WHERE c.member_id = ANY ($1) AND c.id < $2 AND NOT r.is_moved AND (r.gone < c.uses OR num_nonnulls(r.redeemed_at, r.voided_at) > 0)
  AND ($4::timestamptz IS NULL OR (c.expires_at > $4 AND r.gone < c.uses AND k.withdrawn_at IS NULL))
ORDER BY c.id DESC
LIMIT $3;

-- name: find_stores_of_coupon one
-- Those of the campaign, or of them those that the coupon's conditions name.
SELECT CASE WHEN g.conditions ->> 'store_ids' IS NOT NULL
            THEN array(SELECT named::uuid FROM jsonb_array_elements_text(g.conditions -> 'store_ids') named
                       WHERE k.all_stores OR EXISTS (SELECT FROM campaign_stores
                                                     WHERE campaign_id = k.id AND store_id = named::uuid))
            WHEN NOT k.all_stores THEN array(SELECT store_id FROM campaign_stores WHERE campaign_id = k.id) END
           AS store_ids
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
JOIN campaign_versions g ON (g.campaign_id, g.version) = (c.campaign_id, c.campaign_version)
WHERE c.member_id = $1 AND c.id = $2;

-- name: list_usable_coupons batch
SELECT c.id, c.member_id, c.campaign_id, c.store_id, c.issued_at, c.expires_at, NULL::timestamptz AS redeemed_at,
       NULL::timestamptz AS voided_at, c.uses, c.uses - r.gone AS uses_left, coalesce(o.offer, g.offer) AS offer, k.all_stores AS at_every_store,
       s.name AS store_name, coalesce(o.benefit, g.benefit) AS benefit, g.conditions, k.withdrawn_at, k.withdrawal_reason, k.picture_name
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
JOIN campaign_versions g ON (g.campaign_id, g.version) = (c.campaign_id, c.campaign_version)
LEFT JOIN variant_offers o ON (o.campaign_id, o.version) = (c.campaign_id, c.variant_version)
LEFT JOIN stores s ON s.id = c.store_id
CROSS JOIN LATERAL (
    SELECT count(*)::int AS gone
    FROM redemptions
    WHERE (member_id, coupon_id) = (c.member_id, c.id) /* spread: AND member_id = ANY ($1) */ AND held_until IS NULL
) r
WHERE c.member_id = ANY ($1) AND c.expires_at > $2 AND k.withdrawn_at IS NULL AND r.gone < c.uses
ORDER BY c.id DESC;

-- name: hold_members batch
-- As a reference to them does: none becomes another one until our commit.
SELECT member_id
FROM members
WHERE member_id = ANY ($1)
ORDER BY member_id
FOR KEY SHARE;

-- name: find_merged_member batch
SELECT member_id
FROM members
WHERE member_id = ANY ($1) AND state = 'merged'
LIMIT 1;
