-- name: lock_accounts batch
-- Until the commit, in the order of keys. They are not written, since they are written once by what is posted.
SELECT member_id, owed
FROM point_accounts
WHERE member_id = ANY ($1)
ORDER BY member_id
FOR NO KEY UPDATE;

-- name: insert_accounts batch
-- What somebody else opens meanwhile is waited for, and violates the key.
INSERT INTO point_accounts (member_id, program_id, balance, owed, next_expiry_at)
SELECT member_id, program_id, balance, owed, next_expiry_at
FROM unnest(:member_id::uuid[], :program_id::uuid[], :balance::bigint[], :owed::bigint[], :next_expiry_at::timestamptz[])
     AS new (member_id, program_id, balance, owed, next_expiry_at)
ORDER BY member_id;

-- name: find_accounts batch
SELECT member_id
FROM point_accounts
WHERE member_id = ANY ($1);

-- name: read_lots batch
-- Once the accounts are locked nobody else can change what this reads.
SELECT member_id, expires_at, remaining
FROM point_lots
WHERE member_id = ANY ($1);

-- name: update_accounts batch
-- Only where the stored balance is what the lots came to: a difference fails the posting and is not built upon.
UPDATE point_accounts a
SET balance = n.balance, owed = n.owed, next_expiry_at = n.next_expiry_at
FROM unnest(:member_id::uuid[], :opening_balance::bigint[], :balance::bigint[], :owed::bigint[],
            :next_expiry_at::timestamptz[])
     AS n (member_id, opening_balance, balance, owed, next_expiry_at)
WHERE a.member_id = n.member_id /* spread: AND a.member_id = ANY (:member_id) */ AND a.balance = n.opening_balance
RETURNING a.member_id, a.program_id;

-- name: insert_lots batch
INSERT INTO point_lots (member_id, expires_at, remaining)
SELECT *
FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[]);

-- name: update_lots batch
UPDATE point_lots l
SET remaining = n.remaining
FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) AS n (member_id, expires_at, remaining)
WHERE (l.member_id, l.expires_at) = (n.member_id, n.expires_at) /* spread: AND l.member_id = ANY ($1) */;

-- name: remove_lots batch
DELETE FROM point_lots
WHERE (member_id, expires_at) IN (SELECT * FROM unnest($1::uuid[], $2::timestamptz[])) /* spread: AND member_id = ANY ($1) */;

-- name: insert_postings batch
INSERT INTO point_postings (member_id, id, program_id, kind, points, owed_change, balance_after, lots, cause, source_key,
                            reverses, store_id, actor, reason, at)
SELECT *
FROM unnest(:member_id::uuid[], :id::uuid[], :program_id::uuid[], :kind::text[], :points::bigint[],
            :owed_change::bigint[], :balance_after::bigint[], :lots::jsonb[], :cause::text[], :source_key::text[],
            :reverses::uuid[], :store_id::uuid[], :actor::text[], :reason::text[], :at::timestamptz[]);

-- name: find_postings batch
SELECT member_id, id, kind, points, owed_change, balance_after, lots, cause, source_key, reverses, store_id, actor,
       reason, at
FROM point_postings
WHERE (member_id, source_key) IN (SELECT * FROM unnest($1::uuid[], $2::text[])) /* spread: AND member_id = ANY ($1) */;

-- name: find_moved batch
-- Whose points something else has moved than a file or time.
SELECT DISTINCT member_id
FROM point_postings
WHERE member_id = ANY ($1) AND cause NOT IN ('import', 'expiry');

-- name: find_reversals one
SELECT member_id, id, kind, points, owed_change, balance_after, lots, cause, source_key, reverses, store_id, actor,
       reason, at
FROM point_postings
WHERE member_id = $1 AND reverses = $2;

-- name: read_expired_points batch
-- Of points that expire at $2: how many were earned, less what was taken back of them, and how many ran out unspent,
-- less what was brought back of those; and a posting by which they did.
WITH touched AS (
    SELECT p.member_id, p.id, p.kind, p.points - p.owed_change AS earned, (l.lot ->> 1)::bigint AS moved
    FROM point_postings p
    CROSS JOIN LATERAL jsonb_array_elements(p.lots) AS l (lot)
    WHERE p.member_id = ANY ($1) AND (l.lot ->> 0)::timestamptz = $2
), reversals AS (
    SELECT t.kind AS of_kind, r.points - r.owed_change AS earned
    FROM touched t
    JOIN point_postings r ON (r.member_id, r.reverses) = (t.member_id, t.id) /* spread: AND r.member_id = ANY ($1) */
    WHERE t.kind IN ('earn', 'expire')
)
SELECT coalesce((SELECT sum(earned) FROM touched WHERE kind IN ('earn', 'adjust') AND moved > 0), 0)::bigint
           + coalesce((SELECT sum(earned) FROM reversals WHERE of_kind = 'earn'), 0)::bigint AS earned,
       coalesce(-(SELECT sum(moved) FROM touched WHERE kind = 'expire'), 0)::bigint
           - coalesce((SELECT sum(earned) FROM reversals WHERE of_kind = 'expire'), 0)::bigint AS expired,
       e.member_id, e.id
FROM touched e
WHERE e.kind = 'expire'
ORDER BY e.id DESC
LIMIT 1;

-- name: list_visit_keys batch
-- What they earned by visits and was not taken back: the key's first 53 characters name store and day.
SELECT DISTINCT left(t.source_key, 53) AS visit_key
FROM point_postings t
WHERE t.member_id = ANY ($1) AND t.kind = 'earn' AND t.cause = 'visit'
  AND NOT EXISTS (SELECT FROM point_postings u WHERE u.member_id = t.member_id /* spread: AND u.member_id = ANY ($1) */ AND u.reverses = t.id);

-- name: find_duplicate_visits one
-- What $1 earned by these visits, in whatever earning round. What was taken back from them was not paid.
SELECT p.member_id, p.id, p.kind, p.points, p.owed_change, p.balance_after, p.lots, p.cause, p.source_key, p.reverses,
       p.store_id, p.actor, p.reason, p.at
FROM point_postings p
WHERE p.member_id = $1 AND p.kind = 'earn' AND p.cause = 'visit' AND left(p.source_key, 53) = ANY ($2::text[])
  AND NOT EXISTS (SELECT FROM point_postings r WHERE r.member_id = $1 AND r.reverses = p.id)
ORDER BY p.id;

-- name: find_paid_visits batch
-- Of members who are, or were, one person: the visits (the key's first 53 characters name store and day) that one of
-- them was paid for in whatever earning round, and still is.
SELECT DISTINCT p.member_id, left(p.source_key, 53) AS visit_key
FROM point_postings p
WHERE p.member_id = ANY ($1) AND p.kind = 'earn' AND p.cause = 'visit' AND left(p.source_key, 53) = ANY ($2)
  AND NOT EXISTS (SELECT FROM point_postings r WHERE r.member_id = p.member_id AND r.reverses = p.id);

-- name: list_postings one
SELECT id, kind, points, owed_change, balance_after, cause, store_id, reason, at
FROM point_postings
WHERE member_id = $1 AND id < $2
ORDER BY id DESC
LIMIT $3;

-- name: read_balance one
-- What has expired is left out, whether or not its posting is there yet.
SELECT coalesce((SELECT owed FROM point_accounts WHERE member_id = $1), 0) AS owed,
       coalesce(sum(remaining), 0)::bigint AS balance,
       min(expires_at) FILTER (WHERE expires_at < $3) AS expires_at,
       coalesce((array_agg(remaining ORDER BY expires_at))[1], 0) AS first_points
FROM point_lots
WHERE member_id = $1 AND expires_at > $2;

-- name: read_balances batch
-- Of members of programs that have points. What has expired is left out, as above.
SELECT w.member_id, coalesce(sum(l.remaining), 0)::bigint AS balance
FROM unnest($1::uuid[], $2::uuid[]) AS w (member_id, program_id)
JOIN point_rules r ON r.program_id = w.program_id
LEFT JOIN point_lots l ON l.member_id = w.member_id /* spread: AND l.member_id = ANY ($1) */ AND l.expires_at > $3
GROUP BY w.member_id;

-- name: read_earned batch
-- By the time of what was earned: what a refund takes back counts where the purchase did.
SELECT p.member_id, coalesce(o.at, p.at) AS at, p.points - p.owed_change AS amount
FROM point_postings p
LEFT JOIN point_postings o ON (o.member_id, o.id) = (p.member_id, p.reverses)
WHERE p.member_id = ANY ($1) AND p.cause IN ('visit', 'purchase', 'refund', 'undo') AND coalesce(o.at, p.at) >= $2;

-- name: find_due_accounts fan-out hourly
SELECT member_id, program_id
FROM point_accounts
WHERE next_expiry_at <= $1
ORDER BY next_expiry_at
LIMIT $2;

-- name: find_mismatches fan-out rarely
SELECT a.member_id
FROM point_accounts a
LEFT JOIN (SELECT member_id, sum(remaining) AS remaining, min(expires_at) AS first FROM point_lots GROUP BY member_id) l
       ON l.member_id = a.member_id
LEFT JOIN (SELECT member_id, sum(points) AS points, sum(owed_change) AS owed FROM point_postings GROUP BY member_id) p
       ON p.member_id = a.member_id
WHERE a.balance <> coalesce(l.remaining, 0) OR a.balance <> coalesce(p.points, 0) OR a.owed <> coalesce(p.owed, 0)
   OR a.next_expiry_at IS DISTINCT FROM nullif(l.first, $1)
ORDER BY a.member_id;
