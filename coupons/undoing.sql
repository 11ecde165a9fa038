-- name: find_coupons
SELECT c.id, c.campaign_id, k.trigger, k.min_trust AS min_trust_level
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id
WHERE c.member_id = $1 AND c.id = ANY ($2);

-- name: lock_budget
UPDATE budgets
SET issued = issued
WHERE campaign_id = $1;

-- name: end_coupons
-- The key of `redemptions` decides between this and a till that redeems one at the same moment.
INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, undone_scan_id, redeemed_at)
SELECT c.member_id, c.id, c.program_id, c.campaign_id, c.store_id, $3, $4
FROM coupons c
WHERE c.member_id = $1 AND c.id = ANY ($2)
ORDER BY c.id
ON CONFLICT (member_id, coupon_id) DO NOTHING
RETURNING coupon_id, campaign_id;

-- name: free_period_keys
-- So that the member may earn the same again; not where they have had it as somebody who became them.
UPDATE coupons c
SET period_key = 'undone:' || c.id
WHERE c.member_id = $1 AND c.id = ANY ($2)
  AND NOT EXISTS (
      SELECT
      FROM members gone
      JOIN coupons had ON had.member_id = gone.member_id
      LEFT JOIN redemptions r ON (r.member_id, r.coupon_id) = (had.member_id, had.id)
      WHERE gone.merged_into = c.member_id AND (had.campaign_id, had.period_key) = (c.campaign_id, c.period_key)
        AND c.period_key NOT LIKE '%:%' AND r.moved_to IS NULL AND r.undone_scan_id IS NULL
  );

-- name: expire_pushes
-- One that is on its way arrives.
UPDATE outbox
SET state = 'expired', failure = 'undone'
WHERE member_id = $1 AND coupon_id = ANY ($2) AND state IN ('pending', 'retryable');
