-- name: lock_campaign reference
-- Waits for the tills that are redeeming its coupons (they hold it FOR SHARE), and lets none begin. Issuing goes on: its
-- foreign key asks for less. Waiting for that too might take for ever at a campaign that issues all the time, and gain
-- nothing, for what is issued afterwards is withdrawn as well.
SELECT id
FROM campaigns
WHERE id = $1
FOR NO KEY UPDATE;

-- name: count_unused fan-out page
-- What could have been used at $2 and was not. A member who has left uses nothing.
SELECT count(*)
FROM coupons c
JOIN members m ON m.member_id = c.member_id AND m.state IN ('active', 'blocked', 'merged')
WHERE c.campaign_id = $1 AND c.expires_at > $2
  AND (SELECT count(*) FROM redemptions r
       WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.held_until IS NULL) < c.uses;

-- name: withdraw_campaign reference
UPDATE campaigns
SET state = 'ended', withdrawn_at = :withdrawn_at, withdrawal_reason = :reason, version = :version,
    current_version = :current_version
WHERE id = :campaign_id;
