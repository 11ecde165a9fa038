-- What this package holds about a person: $1 are the member and all who became them.
-- Accounts and postings stay, without what tells of visits and without the words of the staff.

-- name: export_point_accounts batch
SELECT member_id, balance, owed, next_expiry_at
FROM point_accounts
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_point_lots batch
SELECT member_id, expires_at, remaining
FROM point_lots
WHERE member_id = ANY ($1)
ORDER BY member_id, expires_at;

-- name: export_point_postings batch
SELECT member_id, id, kind, points, owed_change, balance_after, lots, cause, source_key, reverses, store_id, actor,
       reason, at
FROM point_postings
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_stamps batch
SELECT s.member_id, c.code AS stamp_card, s.stamp_card_id, s.source_key, s.at, s.revoked_at
FROM stamps s
JOIN stamp_cards c ON c.id = s.stamp_card_id
WHERE s.member_id = ANY ($1)
ORDER BY s.member_id, s.stamp_card_id, s.source_key;

-- name: export_stamp_completions batch
SELECT s.member_id, c.code AS stamp_card, s.stamp_card_id, s.round, s.completed_at, s.decision, s.coupon_id
FROM stamp_completions s
JOIN stamp_cards c ON c.id = s.stamp_card_id
WHERE s.member_id = ANY ($1)
ORDER BY s.member_id, s.stamp_card_id, s.round;

-- name: export_member_ranks batch
SELECT member_id, rank_code, since, valid_until
FROM member_ranks
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_brought_ranks batch
SELECT member_id, rank_code, until
FROM brought_ranks
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_rank_changes batch
SELECT member_id, id, former_rank_code, rank_code, at
FROM rank_changes
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: erase_stamp_completions batch
DELETE FROM stamp_completions
WHERE member_id = ANY ($1);

-- name: erase_stamps batch
DELETE FROM stamps
WHERE member_id = ANY ($1);

-- name: erase_rank_changes batch
DELETE FROM rank_changes
WHERE member_id = ANY ($1);

-- name: erase_brought_ranks batch
DELETE FROM brought_ranks
WHERE member_id = ANY ($1);

-- name: erase_member_ranks batch
DELETE FROM member_ranks
WHERE member_id = ANY ($1);

-- name: erase_point_postings batch
-- What a visit earned is known to the month; what the staff wrote may be anything. Keys of purchases, refunds and
-- spendings name rows that stay. The day on which points expire tells the day on which they came, so it is cut to the
-- month: of all postings alike, since a lot is known by its day.
UPDATE point_postings
SET source_key = CASE WHEN cause IN ('visit', 'undo', 'staff', 'import') THEN 'erased:' || id::text ELSE source_key END,
    store_id = CASE WHEN cause IN ('visit', 'undo') THEN NULL ELSE store_id END,
    actor = CASE WHEN cause IN ('visit', 'undo') THEN NULL ELSE actor END,
    at = CASE WHEN cause IN ('visit', 'undo', 'expiry')
              THEN date_trunc('month', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' ELSE at END,
    reason = CASE WHEN reason IS NOT NULL THEN 'erased' END,
    lots = regexp_replace(lots::text, '("\d{4}-\d\d)-[^"]*', '\1-01T00:00:00+00:00', 'g')::jsonb
WHERE member_id = ANY ($1);

-- name: erase_posting_moments batch
-- Ids begin with the moment at which they were made (kit.ids). They are cut to the month by the second erasure: at the
-- first somebody may be writing who refers to one. `reverses` names another of these.
WITH cut AS (
    SELECT p.member_id, p.id,
           (lpad(to_hex((extract(epoch FROM date_trunc('month',
               to_timestamp(('x' || left(translate(p.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0), 'UTC')) * 1000)::bigint),
           12, '0') || right(p.id::text, 23))::uuid AS cut_id,
           (lpad(to_hex((extract(epoch FROM date_trunc('month',
               to_timestamp(('x' || left(translate(p.reverses::text, '-', ''), 12))::bit(48)::bigint / 1000.0), 'UTC')) * 1000)::bigint),
           12, '0') || right(p.reverses::text, 23))::uuid AS cut_reverses
    FROM point_postings p
    JOIN members m ON m.member_id = p.member_id AND m.member_id = ANY ($1)
    WHERE p.member_id = ANY ($1) AND m.state = 'erased'
)
UPDATE point_postings p
SET id = cut_id, reverses = cut_reverses,
    source_key = CASE WHEN source_key LIKE 'erased:%' THEN 'erased:' || cut_id::text ELSE source_key END
FROM cut
WHERE (p.member_id, p.id) = (cut.member_id, cut.id) AND p.member_id = ANY ($1);
