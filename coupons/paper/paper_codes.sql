-- name: insert_batch local
INSERT INTO paper_code_batches (id, program_id, campaign_id, name, kind, size, word, created_at)
VALUES (:id, :program_id, :campaign_id, :name, :kind, :size, :word, :created_at)
ON CONFLICT (program_id, word) DO NOTHING
RETURNING number;

-- name: list_batches local
SELECT b.id, b.program_id, b.campaign_id, b.name, b.kind, b.size, b.word, b.created_at, b.number, b.withdrawn_at,
       spent.claimed, spent.cancelled
FROM paper_code_batches b
CROSS JOIN LATERAL (
    SELECT count(claimed_at) AS claimed, count(cancelled_at) AS cancelled
    FROM spent_paper_codes
    WHERE batch_number = b.number
) spent
WHERE b.campaign_id = $1 AND b.id < $2
ORDER BY b.id DESC
LIMIT $3;

-- name: withdraw_batch local
-- Waits for those that are being claimed, and is waited for (hold_batch).
UPDATE paper_code_batches
SET withdrawn_at = coalesce(withdrawn_at, $3)
WHERE campaign_id = $1 AND id = $2
RETURNING withdrawn_at;

-- name: hold_batch local
-- With its campaign, as whoever redeems a coupon holds that: neither is withdrawn until our commit.
SELECT b.id, b.program_id, b.campaign_id, b.name, b.kind, b.size, b.word, b.created_at, b.number, b.withdrawn_at
FROM paper_code_batches b
JOIN campaigns k ON k.id = b.campaign_id
WHERE b.program_id = $1 AND (b.number = $2 OR b.word = $3)
FOR SHARE OF k, b;

-- name: claim_code local
INSERT INTO spent_paper_codes (batch_number, serial, member_id, claimed_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (batch_number, serial) DO NOTHING
RETURNING serial;

-- name: find_spent_code local
SELECT member_id, cancelled_at
FROM spent_paper_codes
WHERE batch_number = $1 AND serial = $2;

-- name: cancel_codes local
-- In the order of their keys. What was claimed before is not in the answer, nor is a serial that was never printed.
INSERT INTO spent_paper_codes (batch_number, serial, cancelled_at)
SELECT b.number, new.serial, $4
FROM unnest($2::integer[], $3::integer[]) AS new (batch_number, serial)
JOIN paper_code_batches b ON b.number = new.batch_number AND new.serial < b.size
WHERE b.campaign_id = $1
ORDER BY b.number, new.serial
ON CONFLICT (batch_number, serial) DO UPDATE
SET cancelled_at = spent_paper_codes.cancelled_at
WHERE spent_paper_codes.cancelled_at IS NOT NULL
RETURNING batch_number, serial;

-- name: find_claimed_coupon batch
-- What moved from another member has that one behind its key (moves_repository).
SELECT c.member_id, c.id
FROM coupons c
WHERE c.member_id = ANY ($1) AND c.campaign_id = $2 AND (c.period_key = $3 OR starts_with(c.period_key, $3 || ':'))
ORDER BY EXISTS (SELECT FROM redemptions r
                 WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) /* spread: AND r.member_id = ANY ($1) */
                   AND r.moved_to IS NOT NULL), c.id DESC
LIMIT 1;
