-- name: list_offline_coupons batch
-- Those that the member can use now.
SELECT c.id, c.member_id, c.campaign_id, c.campaign_version, coalesce(c.variant_version, 0) AS variant_version, c.uses,
       greatest(c.issued_at, (g.conditions ->> 'usable_from')::timestamptz) AS usable_from, c.expires_at,
       coalesce(o.benefit, g.benefit) AS benefit, g.conditions
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
JOIN campaign_versions g ON (g.campaign_id, g.version) = (c.campaign_id, c.campaign_version)
LEFT JOIN variant_offers o ON (o.campaign_id, o.version) = (c.campaign_id, c.variant_version)
WHERE c.member_id = ANY ($1) AND c.id < $2 AND c.expires_at > $4 AND k.withdrawn_at IS NULL
  AND (g.conditions ->> 'usable_offline')::boolean
  AND (SELECT count(*) FROM redemptions r
       WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) /* spread: AND r.member_id = ANY ($1) */ AND r.held_until IS NULL) < c.uses
ORDER BY c.id DESC
LIMIT $3;

-- name: list_offline_terms reference
-- Of every version of which a coupon may still be good, and of each of its variants. A month more: what is reported late is
-- issued late.
SELECT k.id AS campaign_id, g.version AS campaign_version, v.version AS variant_version,
       coalesce(o.offer, g.offer) AS offer, coalesce(o.benefit, g.benefit) AS benefit, g.conditions,
       k.withdrawn_at, s.name AS store_name, s.time_zone,
       k.all_stores OR EXISTS (SELECT FROM campaign_stores cs WHERE cs.campaign_id = k.id AND cs.store_id = s.id)
           AS is_store_covered
FROM stores s
JOIN campaigns k ON k.program_id = s.program_id
JOIN campaign_versions g ON g.campaign_id = k.id
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT n.changed_at FROM campaign_versions n WHERE (n.campaign_id, n.version) = (k.id, g.version + 1)),
                    k.withdrawn_at, k.ends_at, $2) AS last_issue_at
) issue
CROSS JOIN LATERAL (SELECT 0 AS version UNION ALL SELECT version FROM variant_offers WHERE campaign_id = k.id) v
LEFT JOIN variant_offers o ON (o.campaign_id, o.version) = (k.id, v.version)
WHERE s.id = $1 AND (g.conditions ->> 'usable_offline')::boolean AND g.definition ->> 'state' IN ('running', 'paused')
  AND CASE g.definition #>> '{coupon_validity,type}'
          WHEN 'seconds' THEN last_issue_at + make_interval(secs => (g.definition #>> '{coupon_validity,seconds}')::float8)
          WHEN 'days' THEN last_issue_at + make_interval(days => (g.definition #>> '{coupon_validity,days}')::int)
          ELSE (g.definition #>> '{coupon_validity,at}')::timestamptz
      END > $2 - interval '30 days'
ORDER BY k.id, g.version, v.version;

-- name: list_used_offline fan-out sync
-- Of coupons that are still good, in the order of what became of them. What a till reports days later comes by the time
-- of its report.
WITH changed AS (
    SELECT r.member_id, r.coupon_id, r.redeemed_at AS changed_at
    FROM redemptions r
    WHERE r.campaign_id = ANY (:campaign_id::uuid[]) AND r.redeemed_at > :since AND r.held_until IS NULL
    UNION ALL
    SELECT member_id, coupon_id, reported_at
    FROM offline_redemptions
    WHERE program_id = :program_id AND reported_at > :since AND conflict IS NULL
    UNION ALL
    SELECT member_id, coupon_id, undone_at
    FROM undone_redemptions
    WHERE campaign_id = ANY (:campaign_id::uuid[]) AND undone_at > :since
    UNION ALL
    SELECT v.member_id, v.coupon_id, v.lifted_at
    FROM coupon_voids v
    JOIN coupons c ON (c.member_id, c.id) = (v.member_id, v.coupon_id) AND c.campaign_id = ANY (:campaign_id::uuid[])
    WHERE v.lifted_at > :since
), last AS (
    SELECT member_id, coupon_id, max(changed_at) AS changed_at
    FROM changed
    GROUP BY member_id, coupon_id
)
SELECT c.id AS coupon_id, changed_at,
       c.uses - (SELECT count(*) FROM redemptions r
                 WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.held_until IS NULL)::int AS uses_left,
       EXISTS (SELECT FROM redemptions r
               WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.void_id IS NOT NULL) AS is_voided
FROM last
JOIN coupons c ON (c.member_id, c.id) = (last.member_id, last.coupon_id)
WHERE c.expires_at > :now
ORDER BY changed_at
FETCH FIRST :fetch_count ROWS WITH TIES;

-- name: lock_coupons batch
-- One report at a time speaks of a coupon.
SELECT id
FROM coupons
WHERE (member_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) /* spread: AND member_id = ANY ($1) */
ORDER BY member_id, id
FOR NO KEY UPDATE;

-- name: list_moved batch
-- Those of $1's coupons $2 that have moved, and to whom.
SELECT c.member_id, c.id, c.campaign_id, c.period_key, m.merged_into
FROM unnest($1::uuid[], $2::uuid[]) AS w (member_id, coupon_id)
JOIN coupons c ON (c.member_id, c.id) = (w.member_id, w.coupon_id) /* spread: AND c.member_id = ANY ($1) */
JOIN members m ON m.member_id = c.member_id /* spread: AND m.member_id = ANY ($1) */
WHERE m.merged_into IS NOT NULL
  AND EXISTS (SELECT FROM redemptions r
              WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) /* spread: AND r.member_id = ANY ($1) */
                AND r.moved_to IS NOT NULL);

-- name: find_moved_coupons batch
-- Each as whom they became has it now. A period's coupon is the survivor's of that period; another's key names everybody
-- whose it was (moves_repository.py).
SELECT moved.id AS moved_id, now.member_id, now.id
FROM unnest(:survivor::uuid[], :member_id::uuid[], :id::uuid[], :campaign_id::uuid[], :period_key::text[])
     AS moved (survivor_id, member_id, id, campaign_id, period_key)
JOIN coupons now ON (now.member_id, now.campaign_id) = (moved.survivor_id, moved.campaign_id)
    /* spread: AND now.member_id = ANY (:survivor) */
    AND (now.period_key = moved.period_key AND moved.period_key NOT LIKE '%:%'
         OR moved.period_key LIKE '%:%' AND starts_with(now.period_key, moved.period_key || ':' || moved.member_id));

-- name: find_offline_redemption one
SELECT *
FROM offline_redemptions
WHERE member_id = $1 AND coupon_id = $2 AND till_id = $3 AND redeemed_at = $4;

-- name: find_last_use one
-- The last of a coupon's uses at tills.
SELECT store_id, till_id, redeemed_at
FROM redemptions
WHERE member_id = $1 AND coupon_id = $2 AND till_id IS NOT NULL
ORDER BY redeemed_at DESC, use_no DESC
LIMIT 1;

-- name: insert_offline_redemption one
INSERT INTO offline_redemptions (member_id, coupon_id, till_id, redeemed_at, id, program_id, campaign_id, store_id, reported_at,
                                 redemption_id, conflict, first_store_id, first_till_id, first_redeemed_at)
VALUES (:member_id, :coupon_id, :till_id, :redeemed_at, :id, :program_id, :campaign_id, :store_id, :reported_at,
        :redemption_id, :conflict, :first_store_id, :first_till_id, :first_redeemed_at);

-- name: list_conflicts fan-out page
-- $2: the stores of whoever asks, either the till's or the one of the use that stands; null: all.
SELECT *
FROM offline_redemptions
WHERE program_id = $1 AND conflict IS NOT NULL AND id < $3
  AND ($2::uuid[] IS NULL OR store_id = ANY ($2) OR first_store_id = ANY ($2))
ORDER BY id DESC
LIMIT $4;
