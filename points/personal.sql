-- What this package holds about a person: $1 are the member and all who became them.

-- name: export_point_accounts
SELECT member_id, balance, owed, next_expiry_at
FROM point_accounts
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_point_lots
SELECT member_id, expires_at, remaining
FROM point_lots
WHERE member_id = ANY ($1)
ORDER BY member_id, expires_at;

-- name: export_point_postings
SELECT member_id, id, kind, points, owed_change, balance_after, lots, cause, source_key, reverses, store_id, actor,
       reason, at
FROM point_postings
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_stamps
SELECT s.member_id, c.code AS stamp_card, s.stamp_card_id, s.source_key, s.at, s.revoked_at
FROM stamps s
JOIN stamp_cards c ON c.id = s.stamp_card_id
WHERE s.member_id = ANY ($1)
ORDER BY s.member_id, s.stamp_card_id, s.source_key;

-- name: export_stamp_completions
SELECT s.member_id, c.code AS stamp_card, s.stamp_card_id, s.round, s.completed_at, s.decision, s.coupon_id
FROM stamp_completions s
JOIN stamp_cards c ON c.id = s.stamp_card_id
WHERE s.member_id = ANY ($1)
ORDER BY s.member_id, s.stamp_card_id, s.round;

-- name: export_member_ranks
SELECT member_id, rank_code, since, valid_until
FROM member_ranks
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_rank_changes
SELECT member_id, id, former_code, rank_code, at
FROM rank_changes
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: erase_stamp_completions
DELETE FROM stamp_completions
WHERE member_id = ANY ($1);

-- name: erase_stamps
DELETE FROM stamps
WHERE member_id = ANY ($1);

-- name: erase_rank_changes
DELETE FROM rank_changes
WHERE member_id = ANY ($1);

-- name: erase_member_ranks
DELETE FROM member_ranks
WHERE member_id = ANY ($1);

-- name: erase_point_postings
-- What a visit earned is known to the month; what the staff wrote may be anything. Keys of purchases, refunds and
-- spendings name rows that stay.
UPDATE point_postings
SET source_key = CASE WHEN cause IN ('visit', 'undo', 'staff') THEN 'erased:' || id::text ELSE source_key END,
    store_id = CASE WHEN cause IN ('visit', 'undo') THEN NULL ELSE store_id END,
    actor = CASE WHEN cause IN ('visit', 'undo') THEN NULL ELSE actor END,
    at = CASE WHEN cause IN ('visit', 'undo') THEN date_trunc('month', at, 'UTC') ELSE at END,
    reason = CASE WHEN reason IS NOT NULL THEN 'erased' END
WHERE member_id = ANY ($1);
