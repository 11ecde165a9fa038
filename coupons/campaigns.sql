-- name: insert_campaign
INSERT INTO campaigns (id, program_id, name, state, trigger, trigger_settings, all_stores, starts_at, ends_at, frequency, every_days,
                       cooldown_s, quiet_start, quiet_end, only_when_open, on_first_fix, allow_anonymous,
                       max_event_age_s, offer, coupon_valid_s, coupon_valid_days, coupon_valid_until, cap, store_cap,
                       day_cap, store_day_cap, min_trust, audience_id, audience_version, version, created_at)
VALUES (:id, :program_id, :name, :state, :trigger, :trigger_settings, :all_stores, :starts_at, :ends_at, :frequency, :every_days,
        :cooldown_s, :quiet_start, :quiet_end, :only_when_open, :on_first_fix, :allow_anonymous, :max_event_age_s,
        :offer, :coupon_valid_s, :coupon_valid_days, :coupon_valid_until, :cap, :store_cap, :day_cap, :store_day_cap,
        :min_trust, :audience_id, :audience_version, :version, :created_at);

-- name: update_campaign
UPDATE campaigns
SET name = :name, state = :state, trigger = :trigger, trigger_settings = :trigger_settings, all_stores = :all_stores, starts_at = :starts_at,
    ends_at = :ends_at, frequency = :frequency, every_days = :every_days, cooldown_s = :cooldown_s,
    quiet_start = :quiet_start, quiet_end = :quiet_end, only_when_open = :only_when_open, on_first_fix = :on_first_fix,
    allow_anonymous = :allow_anonymous, max_event_age_s = :max_event_age_s, offer = :offer,
    coupon_valid_s = :coupon_valid_s, coupon_valid_days = :coupon_valid_days, coupon_valid_until = :coupon_valid_until,
    cap = :cap, store_cap = :store_cap, day_cap = :day_cap, store_day_cap = :store_day_cap, min_trust = :min_trust,
    audience_id = :audience_id, audience_version = :audience_version, version = :version
WHERE program_id = :program_id AND id = :id
RETURNING id;

-- name: insert_campaign_stores
INSERT INTO campaign_stores (campaign_id, store_id)
SELECT $1, unnest($2::uuid[]);

-- name: delete_campaign_stores
DELETE FROM campaign_stores
WHERE campaign_id = $1;

-- name: end_current_benefit
UPDATE benefits
SET is_current = false
WHERE campaign_id = $1 AND is_current;

-- name: insert_benefit
INSERT INTO benefits (campaign_id, version, is_current, benefit, conditions, uses, offer, created_at)
SELECT :campaign_id, coalesce(max(version), 0) + 1, true, :benefit, :conditions, :uses, :offer, :now
FROM benefits
WHERE campaign_id = :campaign_id
RETURNING version;

-- name: correct_words
-- Of the current version, for the coupons too that were issued with it.
UPDATE benefits
SET offer = $2
WHERE campaign_id = $1 AND is_current;

-- name: find_campaign
SELECT c.*, g.version AS benefit_version, g.benefit, g.conditions, g.uses,
       array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id) AS store_ids
FROM campaigns c
LEFT JOIN benefits g ON g.campaign_id = c.id AND g.is_current
WHERE c.program_id = $1 AND c.id = $2;

-- name: list_campaigns
SELECT c.*, g.version AS benefit_version, g.benefit, g.conditions, g.uses,
       array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id) AS store_ids
FROM campaigns c
LEFT JOIN benefits g ON g.campaign_id = c.id AND g.is_current
WHERE c.program_id = $1 AND c.id < $2
  AND ($4::uuid[] IS NULL OR c.all_stores
       OR EXISTS (SELECT FROM campaign_stores s WHERE s.campaign_id = c.id AND s.store_id = ANY ($4)))
ORDER BY c.id DESC
LIMIT $3;

-- name: read_running_campaigns
SELECT c.*, g.version AS benefit_version, g.benefit, g.conditions, g.uses,
       array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id) AS store_ids
FROM campaigns c
LEFT JOIN benefits g ON g.campaign_id = c.id AND g.is_current
WHERE c.state = 'running';

-- name: read_changed_campaigns
-- In whatever state they are now. A program's changes have its versions in the order of their commits.
SELECT c.*, g.version AS benefit_version, g.benefit, g.conditions, g.uses,
       array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id) AS store_ids
FROM unnest($1::uuid[], $2::bigint[]) AS known (program_id, version)
JOIN campaigns c ON c.program_id = known.program_id AND c.version > known.version
LEFT JOIN benefits g ON g.campaign_id = c.id AND g.is_current;

-- name: count_results
-- A coupon that moved to another member was issued once; one of which no use is left and none was made at a till, never.
SELECT (SELECT count(*) FROM coupons WHERE campaign_id = $1)
           - (SELECT count(*)
              FROM (SELECT FROM redemptions
                    WHERE campaign_id = $1 AND held_until IS NULL
                    GROUP BY member_id, coupon_id, uses
                    HAVING bool_or(moved_to IS NOT NULL) OR count(*) FILTER (WHERE till_id IS NULL) = uses) gone)
           AS coupons_issued,
       (SELECT count(*) FROM redemptions WHERE campaign_id = $1 AND till_id IS NOT NULL) AS redemptions,
       (SELECT count(*) FROM outbox o JOIN coupons c ON (c.member_id, c.id) = (o.member_id, o.coupon_id)
        WHERE c.campaign_id = $1 AND o.state = 'sent') AS pushes_sent,
       (SELECT count(*) FROM outbox o JOIN coupons c ON (c.member_id, c.id) = (o.member_id, o.coupon_id)
        WHERE c.campaign_id = $1 AND o.state IN ('failed', 'expired')) AS pushes_failed;

-- name: count_decisions
SELECT outcome, sum(times)::bigint AS times
FROM (
    SELECT decisions ->> $2::text AS outcome, count(*) AS times
    FROM transitions
    WHERE program_id = $1 AND decisions ? $2::text
    GROUP BY 1
    UNION ALL
    SELECT e.decisions ->> $2::text, count(*)
    FROM visit_evidence e
    JOIN stores s ON s.id = e.store_id
    WHERE s.program_id = $1 AND e.decisions ? $2::text
    GROUP BY 1
) counted
GROUP BY outcome
ORDER BY outcome;
