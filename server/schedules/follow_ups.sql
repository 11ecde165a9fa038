-- name: hold_members batch
-- Who is being erased, or becomes another member, comes next time.
SELECT member_id
FROM members
WHERE member_id = ANY ($1)
ORDER BY member_id
FOR KEY SHARE SKIP LOCKED;

-- name: read_standings batch
-- What is known of each follow-up as it is looked at. Used is a coupon at a till, or as one of those whose it was before:
-- `had_as`.
SELECT f.member_id, f.coupon_id, f.program_id, f.campaign_id, f.campaign_version, f.next_step, f.due_at,
       v.follow_ups AS steps, c.issued_at, c.expires_at, c.store_id, s.name AS store_name,
       coalesce(o.offer, v.offer) AS offer,
       CASE WHEN k.withdrawn_at IS NOT NULL THEN 'coupon_withdrawn' WHEN k.state = 'ended' THEN 'campaign_ended'
            WHEN m.state <> 'active' THEN 'member_closed' WHEN r.is_voided THEN 'coupon_voided' WHEN r.is_gone THEN 'coupon_undone' END AS over_by,
       c.period_key, r.is_used, r.had_as, r.gone < c.uses AS has_uses_left,
       CASE WHEN a.may_profile THEN coalesce(a.last_visit_on > c.business_day, false) END AS is_back
FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, coupon_id)
JOIN follow_ups f ON (f.member_id, f.coupon_id) = (asked.member_id, asked.coupon_id) /* spread: AND f.member_id = ANY ($1) */
JOIN campaign_versions v ON (v.campaign_id, v.version) = (f.campaign_id, f.campaign_version)
JOIN campaigns k ON k.id = f.campaign_id
JOIN members m ON m.member_id = f.member_id /* spread: AND m.member_id = ANY ($1) */
JOIN coupons c ON (c.member_id, c.id) = (f.member_id, f.coupon_id) /* spread: AND c.member_id = ANY ($1) */
LEFT JOIN variant_offers o ON (o.campaign_id, o.version) = (c.campaign_id, c.variant_version)
LEFT JOIN stores s ON s.id = c.store_id
LEFT JOIN member_facts a ON a.member_id = f.member_id /* spread: AND a.member_id = ANY ($1) */
CROSS JOIN LATERAL (
    SELECT count(*)::int AS gone, coalesce(bool_or(u.void_id IS NOT NULL), false) AS is_voided,
           coalesce(bool_or(u.moved_to IS NOT NULL), false)
               OR count(*) FILTER (WHERE u.undone_scan_id IS NOT NULL) = c.uses AS is_gone,
           coalesce(bool_or(u.till_id IS NOT NULL), false) AS is_used,
           array_agg(u.had_as) FILTER (WHERE u.had_as IS NOT NULL) AS had_as
    FROM redemptions u
    WHERE (u.member_id, u.coupon_id) = (c.member_id, c.id) /* spread: AND u.member_id = ANY ($1) */ AND u.held_until IS NULL
) r;

-- name: find_used_before batch
-- Which of these members used a coupon of the campaign's period.
SELECT DISTINCT c.member_id, c.campaign_id, c.period_key
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS had (member_id, campaign_id, period_key)
JOIN coupons c ON (c.member_id, c.campaign_id, c.period_key) = (had.member_id, had.campaign_id, had.period_key)
    /* spread: AND c.member_id = ANY ($1) */
JOIN redemptions r ON (r.member_id, r.coupon_id) = (c.member_id, c.id) /* spread: AND r.member_id = ANY ($1) */ AND r.till_id IS NOT NULL;
