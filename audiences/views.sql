-- name: read_member_views batch
-- The facts of some members with what else trees ask for of them: :profile, :reach (consents and
-- phones), :tags. Attributes that were removed are left out, and those for profiling where the member has not
-- consented to it.
SELECT f.member_id, f.program_id, f.is_active, f.may_profile, f.home_store_id, f.joined_at, f.visits, f.first_visit_on,
       f.last_visit_on, f.purchases, f.spend, f.last_purchase_at, f.points, f.rank_code, f.stamps, f.coupons_issued,
       f.coupons_used,
       p.birth_year, 100 * p.birth_month + p.birth_day AS birthday,
       p.attributes - array(SELECT a.key
                            FROM attributes a
                            WHERE a.program_id = :program_id
                              AND (a.removed_at IS NOT NULL OR (a.is_profiling AND NOT f.may_profile)))
           AS own_attributes,
       CASE WHEN :profile THEN jsonb_strip_nulls(jsonb_build_object(
           'name', p.name, 'kana', p.kana, 'nickname', p.nickname, 'gender', p.gender, 'postal_code', p.postal_code,
           'prefecture', p.prefecture::text, 'city', p.city, 'job', p.job, 'income_band', p.income_band,
           'time_zone', p.time_zone, 'locale', m.locale)) END AS standard_attributes,
       m.location_consent, m.push_consent, m.email_consent, m.sms_consent, m.voice_consent,
       CASE WHEN :reach THEN array(SELECT DISTINCT d.platform FROM devices d
                               WHERE d.member_id = f.member_id /* spread: AND d.member_id = ANY (:member_ids) */
                                 AND d.revoked_at IS NULL) END AS platforms,
       CASE WHEN :tags THEN array(SELECT t.tag FROM member_tags t WHERE t.member_id = f.member_id /* spread: AND t.member_id = ANY (:member_ids) */) END AS tags
FROM member_facts f
JOIN members m ON m.member_id = f.member_id /* spread: AND m.member_id = ANY (:member_ids) */
LEFT JOIN profiles p ON :profile AND p.member_id = f.member_id /* spread: AND p.member_id = ANY (:member_ids) */
WHERE f.program_id = :program_id AND f.member_id = ANY (:member_ids);

-- name: read_held_coupons fan-out request
-- Of a person, who may have been several members. $2: of these campaigns; null: of all.
WITH person AS (
    SELECT asked.member_id, asked.member_id AS name
    FROM unnest($1::uuid[]) AS asked (member_id)
    UNION ALL
    SELECT merged_into, member_id
    FROM members
    WHERE merged_into = ANY ($1)
)
SELECT p.member_id, c.campaign_id, c.expires_at, r.used > 0 AS is_used,
       NOT r.is_moved AND (r.gone < c.uses OR r.used > 0) AS is_issued, r.gone < c.uses AND NOT r.is_voided AND k.withdrawn_at IS NULL AS is_usable
FROM person p
JOIN coupons c ON c.member_id = p.name AND ($2::uuid[] IS NULL OR c.campaign_id = ANY ($2))
JOIN campaigns k ON k.id = c.campaign_id
CROSS JOIN LATERAL (
    SELECT count(till_id) AS used, coalesce(bool_or(moved_to IS NOT NULL), false) AS is_moved,
           coalesce(bool_or(void_id IS NOT NULL), false) AS is_voided,
           count(*) FILTER (WHERE num_nonnulls(till_id, moved_to, undone_scan_id, had_as) > 0) AS gone
    FROM redemptions
    WHERE (member_id, coupon_id) = (c.member_id, c.id)
) r;

-- name: find_names fan-out request
-- Those who became one of them.
SELECT merged_into AS member_id, member_id AS name
FROM members
WHERE merged_into = ANY ($1);

-- name: read_past batch
-- Visits and purchases from a time on (null: none of them), and what stands on the stamp cards of some codes.
-- `names`: under which members the rows of each of `persons` stand. `items`: purchases with their lines.
SELECT p.member_id, 'visit' AS kind, v.store_id, v.business_day, v.first_at AS at, NULL::bigint AS number, NULL AS card,
       NULL::bigint AS untold, NULL::jsonb AS items
FROM unnest(:persons::uuid[], :names::uuid[]) AS p (member_id, name)
JOIN visits v ON v.member_id = p.name /* spread: AND v.member_id = ANY (:names) */
    AND v.undone_at IS NULL AND v.business_day >= :visits_from
UNION ALL
SELECT p.member_id, 'purchase', b.store_id, NULL, b.purchased_at, b.amount - b.refunded, NULL, b.refunded_untold,
       CASE WHEN :items THEN b.items END
FROM unnest(:persons::uuid[], :names::uuid[]) AS p (member_id, name)
JOIN purchases b ON b.member_id = p.name /* spread: AND b.member_id = ANY (:names) */
    AND b.fully_refunded_at IS NULL AND b.purchased_at >= :bought_from
UNION ALL
SELECT m.member_id, 'stamps', NULL, NULL, NULL,
       (SELECT count(*) FROM stamps s
        WHERE s.member_id = m.member_id /* spread: AND s.member_id = ANY (:persons) */ AND s.stamp_card_id = k.id
          AND s.revoked_at IS NULL)
       - k.stamps_needed * (SELECT count(*) FROM stamp_completions d
                            WHERE d.member_id = m.member_id /* spread: AND d.member_id = ANY (:persons) */ AND d.stamp_card_id = k.id),
       k.code, NULL, NULL
FROM members m
JOIN stamp_cards k ON k.program_id = m.program_id AND k.code = ANY (:cards::text[])
WHERE m.member_id = ANY (:persons);
