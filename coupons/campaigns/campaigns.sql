-- name: insert_campaign reference
INSERT INTO campaigns (id, program_id, name, state, trigger, trigger_settings, all_stores, store_groups, starts_at, ends_at,
                       frequency, every_days, cooldown_s, hours, except_days, priority, exclusive_group, own_quiet_hours, quiet_start,
                       quiet_end, only_when_open, on_first_fix, allow_anonymous, max_event_age_s, offer, messages, channels, fallback_within_minutes,
                       coupon_valid_s, coupon_valid_days, coupon_valid_until, cap, store_cap, day_cap, store_day_cap,
                       min_trust, audience_id, audience_version, benefit, conditions, coupon_uses, follow_ups,
                       had_follow_ups, current_version, version, created_at)
VALUES (:id, :program_id, :name, :state, :trigger, :trigger_settings, :all_stores, :store_groups, :starts_at, :ends_at, :frequency,
        :every_days, :cooldown_s, :hours, :except_days, :priority, :exclusive_group, :own_quiet_hours, :quiet_start, :quiet_end,
        :only_when_open, :on_first_fix, :allow_anonymous, :max_event_age_s, :offer, :messages, :channels, :fallback_within_minutes, :coupon_valid_s,
        :coupon_valid_days, :coupon_valid_until, :cap, :store_cap, :day_cap, :store_day_cap, :min_trust, :audience_id,
        :audience_version, :benefit, :conditions, :coupon_uses, :follow_ups,
        :follow_ups::jsonb <> '[]', :current_version, :version, :created_at);

-- name: update_campaign reference
UPDATE campaigns
SET name = :name, state = :state, trigger = :trigger, trigger_settings = :trigger_settings, all_stores = :all_stores, store_groups = :store_groups, starts_at = :starts_at,
    ends_at = :ends_at, frequency = :frequency, every_days = :every_days, cooldown_s = :cooldown_s, hours = :hours,
    except_days = :except_days, priority = :priority, exclusive_group = :exclusive_group,
    own_quiet_hours = :own_quiet_hours, quiet_start = :quiet_start, quiet_end = :quiet_end, only_when_open = :only_when_open, on_first_fix = :on_first_fix,
    allow_anonymous = :allow_anonymous, max_event_age_s = :max_event_age_s, offer = :offer, messages = :messages, channels = :channels,
    fallback_within_minutes = :fallback_within_minutes,
    coupon_valid_s = :coupon_valid_s, coupon_valid_days = :coupon_valid_days, coupon_valid_until = :coupon_valid_until,
    cap = :cap, store_cap = :store_cap, day_cap = :day_cap, store_day_cap = :store_day_cap, min_trust = :min_trust,
    audience_id = :audience_id, audience_version = :audience_version, benefit = :benefit, conditions = :conditions,
    coupon_uses = :coupon_uses, follow_ups = :follow_ups,
    had_follow_ups = had_follow_ups OR :follow_ups::jsonb <> '[]', current_version = :current_version, version = :version
WHERE program_id = :program_id AND id = :id
RETURNING id;

-- name: insert_campaign_stores reference
INSERT INTO campaign_stores (campaign_id, store_id, is_named)
SELECT $1, store_id, NOT store_id = ANY ($3)
FROM unnest($2::uuid[]) store_id;

-- name: delete_campaign_stores reference
DELETE FROM campaign_stores
WHERE campaign_id = $1;

-- name: insert_version reference
INSERT INTO campaign_versions (campaign_id, version, definition, changed_at, changed_by)
VALUES (:campaign_id, :version, :definition, :changed_at, :changed_by);

-- name: list_versions reference
SELECT definition, changed_at, changed_by
FROM campaign_versions
WHERE campaign_id = $1 AND version < $2
ORDER BY version DESC
LIMIT $3;

-- name: find_campaign reference
SELECT c.*, array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id) AS store_ids,
       array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id AND NOT is_named) AS grouped_store_ids
FROM campaigns c
WHERE c.program_id = $1 AND c.id = $2;

-- name: find_own_campaigns reference
SELECT id
FROM campaigns
WHERE program_id = $1 AND id = ANY ($2);

-- name: list_campaigns reference
-- As `Campaign.state_at` says what a state is at a moment.
SELECT c.*, array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id) AS store_ids,
       array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id AND NOT is_named) AS grouped_store_ids
FROM campaigns c
WHERE c.program_id = :program_id AND c.id < :before
  AND (:stores::uuid[] IS NULL OR c.all_stores
       OR EXISTS (SELECT FROM campaign_stores s WHERE s.campaign_id = c.id AND s.store_id = ANY (:stores)))
  AND (:state::text IS NULL
       OR :state = CASE WHEN c.state IN ('running', 'paused') AND c.ends_at <= :now THEN 'ended'
                        WHEN c.state = 'running' AND c.starts_at > :now THEN 'scheduled'
                        ELSE c.state END)
ORDER BY c.id DESC
LIMIT :limit;

-- name: list_campaigns_of_days reference
-- What the staff have started and can give something in that time, or do what follows its coupons; and what is named.
SELECT c.*, array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id) AS store_ids,
       array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id AND NOT is_named) AS grouped_store_ids
FROM campaigns c
WHERE c.program_id = :program_id
  AND (c.state = 'running' AND c.starts_at < :over AND (c.ends_at IS NULL OR c.ends_at > :begin OR c.follow_ups <> '[]')
       OR c.id = ANY (:named))
  AND (:stores::uuid[] IS NULL OR c.all_stores
       OR EXISTS (SELECT FROM campaign_stores s WHERE s.campaign_id = c.id AND s.store_id = ANY (:stores)))
ORDER BY c.id DESC
LIMIT :limit;

-- name: read_running_campaigns reference
SELECT c.*, array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id) AS store_ids,
       array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id AND NOT is_named) AS grouped_store_ids
FROM campaigns c
WHERE c.state = 'running';

-- name: read_changed_campaigns reference
-- In whatever state they are now. A program's changes have its versions in the order of their commits.
SELECT c.*, array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id) AS store_ids,
       array(SELECT store_id FROM campaign_stores WHERE campaign_id = c.id AND NOT is_named) AS grouped_store_ids
FROM unnest($1::uuid[], $2::bigint[]) AS known (program_id, version)
JOIN campaigns c ON c.program_id = known.program_id AND c.version > known.version;

-- name: count_results fan-out page
-- A coupon that moved to another member was issued once; one of which no use is left and none was made at a till, never,
-- but for one that the staff have voided.
SELECT (SELECT count(*) FROM coupons WHERE campaign_id = $1)
           - (SELECT count(*)
              FROM (SELECT FROM redemptions
                    WHERE campaign_id = $1 AND held_until IS NULL
                    GROUP BY member_id, coupon_id, uses
                    HAVING bool_or(moved_to IS NOT NULL) OR count(*) FILTER (WHERE till_id IS NULL AND void_id IS NULL) = uses) gone)
           AS coupons_issued,
       (SELECT count(*) FROM redemptions WHERE campaign_id = $1 AND till_id IS NOT NULL) AS redemptions,
       (SELECT count(DISTINCT (member_id, coupon_id)) FROM redemptions WHERE campaign_id = $1 AND void_id IS NOT NULL)
           AS coupons_voided;
