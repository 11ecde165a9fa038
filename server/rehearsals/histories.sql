-- What is known of some members, each with all who became them: `name` is whose row it is, and who it is now the caller
-- knows. Nothing here locks or writes.

-- name: count_members fan-out page
SELECT count(*)
FROM member_facts
WHERE program_id = $1 AND is_active;

-- name: list_members_by_hash fan-out page
-- The hash knows nothing of the members: the first of them are as good a sample as any.
SELECT member_id
FROM member_facts
WHERE program_id = $1 AND is_active
ORDER BY uuid_hash(member_id), member_id
LIMIT $2;

-- name: list_names fan-out page
SELECT asked.member_id, asked.member_id AS name
FROM unnest($1::uuid[]) AS asked (member_id)
UNION ALL
SELECT merged_into, member_id
FROM members
WHERE merged_into = ANY ($1);

-- name: list_persons batch
SELECT m.member_id, m.created_at AS joined_at, m.verified_at, m.enrolled_store_id AS home_store_id, p.birth_month, p.birth_day,
       EXISTS (SELECT FROM imported_members i WHERE i.member_id = m.member_id AND i.member_id = ANY ($1)) AS is_imported
FROM members m
LEFT JOIN profiles p ON p.member_id = m.member_id AND p.member_id = ANY ($1)
WHERE m.member_id = ANY ($1);

-- name: sum_brought batch
-- What is known of the time before, where the program's file tells of a day. $2: the names of the members of $1.
SELECT p.member_id, sum(greatest(coalesce(i.visits, 1), 1))::int AS brought_visits,
       min(coalesce(i.first_visit_on, i.last_visit_on)) AS brought_first_on,
       max(coalesce(i.last_visit_on, i.first_visit_on)) AS brought_last_on
FROM unnest($1::uuid[], $2::uuid[]) AS p (member_id, name)
JOIN imported_members i ON i.member_id = p.name AND i.member_id = ANY ($2)
WHERE num_nonnulls(i.first_visit_on, i.last_visit_on) > 0
GROUP BY p.member_id;

-- name: list_steps batch
-- Of a removed or redrawn geofence nobody walked out.
SELECT member_id AS name, id, kind, store_id, event_at, received_at, cause = 'first_fix' AS is_first_fix
FROM transitions
WHERE member_id = ANY ($1) AND received_at >= $2 AND received_at < $3 AND kind = $4
  AND cause NOT IN ('fence_removed', 'fence_changed')
ORDER BY received_at, id;

-- name: list_evidence batch
-- What stands, from that business day on.
SELECT member_id AS name, id, store_id, business_day, trust, at
FROM visit_evidence
WHERE member_id = ANY ($1) AND business_day >= $2 AND undone_at IS NULL
ORDER BY id;

-- name: list_visits batch
SELECT member_id AS name, store_id, business_day, first_at, trust
FROM visits
WHERE member_id = ANY ($1) AND undone_at IS NULL;

-- name: list_purchases batch
SELECT p.member_id AS name, p.store_id, p.scan_id, p.purchased_at, p.amount, p.fully_refunded_at,
       array(SELECT r.refunded_at FROM refunds r WHERE (r.member_id, r.purchase_id) = (p.member_id, p.id) AND r.member_id = ANY ($1) ORDER BY r.id)
           AS refunded_at,
       array(SELECT r.amount FROM refunds r WHERE (r.member_id, r.purchase_id) = (p.member_id, p.id) AND r.member_id = ANY ($1) ORDER BY r.id)
           AS refunds, p.items
FROM purchases p
WHERE p.member_id = ANY ($1);

-- name: list_postings batch
SELECT member_id AS name, at, points
FROM point_postings
WHERE member_id = ANY ($1) AND at >= $2;

-- name: list_rank_changes batch
SELECT member_id AS name, at, former_rank_code, rank_code
FROM rank_changes
WHERE member_id = ANY ($1) AND at >= $2
ORDER BY id;

-- name: list_stamps batch
SELECT s.member_id AS name, k.code AS card, s.at, s.revoked_at
FROM stamps s
JOIN stamp_cards k ON k.id = s.stamp_card_id
WHERE s.member_id = ANY ($1);

-- name: list_full_cards batch
-- `stamps`: how many the round took.
SELECT d.member_id AS name, k.code AS card, d.completed_at AS at, k.stamps_needed AS stamps
FROM stamp_completions d
JOIN stamp_cards k ON k.id = d.stamp_card_id
WHERE d.member_id = ANY ($1);

-- name: list_consents batch
SELECT member_id AS name, purpose, granted, at
FROM consents
WHERE member_id = ANY ($1)
ORDER BY at, id;

-- name: list_coupons batch
-- `ends`: when each use ended, and how.
SELECT c.member_id AS name, c.campaign_id, c.issued_at, c.expires_at, c.uses, k.withdrawn_at,
       array(SELECT r.redeemed_at FROM redemptions r
             WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.member_id = ANY ($1) AND r.held_until IS NULL ORDER BY r.use_no) AS ended_at,
       array(SELECT CASE WHEN r.till_id IS NOT NULL THEN 'used' WHEN r.moved_to IS NOT NULL THEN 'moved'
                         WHEN r.void_id IS NOT NULL THEN 'voided' ELSE 'gone' END
             FROM redemptions r
             WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.member_id = ANY ($1) AND r.held_until IS NULL ORDER BY r.use_no) AS ends
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
WHERE c.member_id = ANY ($1);

-- name: list_coupons_beside batch
-- What other campaigns have given them: when it was earned. For what is counted as an overlap.
SELECT member_id AS name, campaign_id, event_at
FROM coupons
WHERE member_id = ANY ($1) AND campaign_id = ANY ($2) AND event_at >= $3 AND event_at < $4;

-- name: list_former_coupons batch
-- Of campaigns of the same exclusive group, before the time that is rehearsed.
SELECT member_id AS name, campaign_id, period_key, event_at
FROM coupons
WHERE member_id = ANY ($1) AND campaign_id = ANY ($2) AND issued_at < $3;

-- name: count_former_coupons fan-out page
-- The same of all members, for the caps.
SELECT campaign_id, store_id, business_day, count(*) AS coupons
FROM coupons
WHERE campaign_id = ANY ($1) AND issued_at < $2
GROUP BY campaign_id, store_id, business_day;

-- name: list_arms batch
SELECT member_id, campaign_id, arm
FROM assignments
WHERE member_id = ANY ($1) AND campaign_id = ANY ($2);

-- name: list_messages batch
-- The days to whose cap messages of other campaigns have counted.
SELECT o.member_id AS name, o.counted_on, o.created_at
FROM outbox o
WHERE o.member_id = ANY ($1) AND o.campaign_id <> ALL ($2) AND o.counted_on >= $3;

-- name: find_currency reference
-- Null: the program has no point rules, and says nowhere what its amounts are in.
SELECT currency
FROM point_rules
WHERE program_id = $1;
