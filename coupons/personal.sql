-- What this package holds about a person: $1 are the member and all who became them.
-- Coupons stay, ended and coarse, with what was redeemed: the campaigns' counts and the tills' books rest on them.

-- name: export_coupons batch
SELECT c.member_id, c.id, c.campaign_id, k.name AS campaign, c.period_key, c.store_id, c.event_at, c.business_day, c.issued_at,
       c.expires_at, k.withdrawn_at
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
WHERE c.member_id = ANY ($1)
ORDER BY c.member_id, c.id;

-- name: export_redemptions batch
SELECT member_id, coupon_id, use_no, redemption_id, reservation_id, campaign_id, store_id, till_id, moved_to, undone_scan_id,
       had_as, void_id, held_until, redeemed_at
FROM redemptions
WHERE member_id = ANY ($1)
ORDER BY member_id, coupon_id;

-- name: export_coupon_voids batch
SELECT member_id, id, coupon_id, reason, voided_at, lifted_at
FROM coupon_voids
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_voided_uses batch
SELECT member_id, coupon_id, use_no, void_id
FROM voided_uses
WHERE member_id = ANY ($1)
ORDER BY member_id, coupon_id, use_no;

-- name: erase_voided_uses batch
DELETE FROM voided_uses
WHERE member_id = ANY ($1);

-- name: erase_coupon_voids batch
-- Why somebody's coupon was voided tells of them; that it was voided stays in its uses.
DELETE FROM coupon_voids
WHERE member_id = ANY ($1);

-- name: export_undone_redemptions batch
SELECT member_id, redemption_id, coupon_id, campaign_id, store_id, till_id, redeemed_at, undone_at
FROM undone_redemptions
WHERE member_id = ANY ($1)
ORDER BY member_id, redemption_id;

-- name: export_offline_redemptions batch
SELECT member_id, coupon_id, till_id, redeemed_at, campaign_id, store_id, reported_at, redemption_id, conflict, first_store_id,
       first_till_id, first_redeemed_at
FROM offline_redemptions
WHERE member_id = ANY ($1)
ORDER BY member_id, coupon_id, redeemed_at;

-- name: erase_offline_redemptions batch
DELETE FROM offline_redemptions
WHERE member_id = ANY ($1);

-- name: export_member_campaigns batch
SELECT member_id, campaign_id, version
FROM member_campaigns
WHERE member_id = ANY ($1)
ORDER BY member_id, campaign_id;

-- name: export_spent_paper_codes local
SELECT s.member_id, b.campaign_id, b.name AS batch, s.serial, s.claimed_at
FROM spent_paper_codes s
JOIN paper_code_batches b ON b.number = s.batch_number
WHERE s.member_id = ANY ($1)
ORDER BY s.member_id, b.number, s.serial;

-- name: export_follow_ups batch
SELECT f.member_id, f.coupon_id, f.campaign_id, f.campaign_version, f.next_step + 1 AS next_step, f.due_at
FROM follow_ups f
WHERE f.member_id = ANY ($1)
ORDER BY f.member_id, f.coupon_id;

-- name: erase_follow_ups batch
DELETE FROM follow_ups
WHERE member_id = ANY ($1);

-- name: erase_spent_paper_codes local
-- The code stays spent, and nobody knows by whom or on which day.
UPDATE spent_paper_codes
SET member_id = NULL, claimed_at = date_trunc('month', claimed_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
WHERE member_id = ANY ($1);

-- name: erase_member_campaigns batch
DELETE FROM member_campaigns
WHERE member_id = ANY ($1);

-- name: erase_undone_redemptions batch
DELETE FROM undone_redemptions
WHERE member_id = ANY ($1);

-- name: export_reservations batch
SELECT member_id, id, store_id, till_id, amount, discount, lines, stamps, uses, refunded, reserved_at, held_until, redeemed_at,
       voided_at, receipt
FROM reservations
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: erase_held_uses batch
DELETE FROM redemptions
WHERE member_id = ANY ($1) AND held_until IS NOT NULL;

-- name: erase_receipts_of_uses batch
UPDATE redemptions
SET reservation_id = NULL
WHERE member_id = ANY ($1) AND reservation_id IS NOT NULL;

-- name: erase_reservations batch
-- What was used where and when stays; the shop's books have the receipt.
DELETE FROM reservations
WHERE member_id = ANY ($1);

-- name: erase_coupons batch
-- Ended, and known to the month only: when they were earned tells where the member was. Keys of periods name days.
UPDATE coupons
SET period_key = 'erased:' || id::text, event_at = date_trunc('month', issued_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',
    business_day = date_trunc('month', issued_at AT TIME ZONE 'UTC')::date, issued_at = date_trunc('month', issued_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',
    expires_at = (date_trunc('month', issued_at AT TIME ZONE 'UTC') + interval '1 s') AT TIME ZONE 'UTC'
WHERE member_id = ANY ($1);

-- name: erase_ends batch
-- Which scan or void it was is gone; that the coupon ended with one stays.
UPDATE redemptions
SET undone_scan_id = CASE WHEN undone_scan_id IS NOT NULL THEN coupon_id END,
    void_id = CASE WHEN void_id IS NOT NULL THEN coupon_id END
WHERE member_id = ANY ($1) AND num_nonnulls(undone_scan_id, void_id) > 0;

-- name: erase_coupon_moments batch
-- Ids begin with the moment at which they were made (kit.ids). They are cut to the month by the second erasure: at the
-- first a till may be redeeming one.
WITH cut AS (
    SELECT c.member_id, c.id,
           (lpad(to_hex((extract(epoch FROM date_trunc('month',
               to_timestamp(('x' || left(translate(c.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0), 'UTC')) * 1000)::bigint),
           12, '0') || right(c.id::text, 23))::uuid AS cut_id
    FROM coupons c
    JOIN members m ON m.member_id = c.member_id AND m.member_id = ANY ($1)
    WHERE c.member_id = ANY ($1) AND m.state = 'erased'
), ended AS (
    UPDATE redemptions r
    SET coupon_id = cut_id, undone_scan_id = CASE WHEN undone_scan_id IS NOT NULL THEN cut_id END,
        void_id = CASE WHEN void_id IS NOT NULL THEN cut_id END,
        redemption_id = CASE WHEN redemption_id IS NOT NULL THEN cut_id END
    FROM cut
    WHERE (r.member_id, r.coupon_id) = (cut.member_id, cut.id) AND r.member_id = ANY ($1)
)
UPDATE coupons c
SET id = cut_id, period_key = 'erased:' || cut_id::text
FROM cut
WHERE (c.member_id, c.id) = (cut.member_id, cut.id) AND c.member_id = ANY ($1);

-- name: export_decisions batch
SELECT d.member_id, d.decided_at, d.id, made.campaign_id, d.campaign_versions[made.place] AS campaign_version, d.trigger,
       d.source, d.source_id, d.store_id, d.event_at, d.outcome, d.inputs -> (made.place::int - 1) AS inputs,
       d.coupon_ids[made.place] AS coupon_id, d.variants[made.place] AS variant
FROM decisions d
CROSS JOIN LATERAL unnest(d.campaign_ids) WITH ORDINALITY AS made (campaign_id, place)
WHERE d.member_id = ANY ($1)
ORDER BY d.member_id, d.decided_at, d.id, made.place;

-- name: erase_decisions batch
-- What is not counted yet is counted now: a campaign's report stays as it was, and tells of nobody.
WITH counting AS MATERIALIZED (
    SELECT until
    FROM counted_decisions
    FOR SHARE
), gone AS (
    DELETE FROM decisions
    WHERE member_id = ANY ($1)
    RETURNING campaign_ids, decided_at, outcome
)
INSERT INTO campaign_outcomes AS held (campaign_id, day, outcome, times)
SELECT made.campaign_id, (gone.decided_at AT TIME ZONE 'UTC')::date, gone.outcome, count(*)
FROM gone
CROSS JOIN LATERAL unnest(gone.campaign_ids) AS made (campaign_id)
JOIN campaigns k ON k.id = made.campaign_id
WHERE gone.decided_at >= coalesce((SELECT until FROM counting), '-infinity')
GROUP BY 1, 2, 3
ON CONFLICT (campaign_id, day, outcome) DO UPDATE
SET times = held.times + excluded.times;
