-- name: upsert_stamp_cards reference
-- What a card is made of never changes, so that a stamp never changes its meaning; the caller compares it before.
INSERT INTO stamp_cards (id, program_id, code, name, source, min_amount, stamps_needed, campaign_id, created_at)
SELECT id, :program_id, code, name, source, min_amount, stamps_needed, campaign_id, :now
FROM unnest(:id::uuid[], :code::text[], :name::jsonb[], :source::text[], :min_amount::bigint[], :stamps_needed::int[],
            :campaign_id::uuid[])
     AS new (id, code, name, source, min_amount, stamps_needed, campaign_id)
ON CONFLICT (program_id, code) DO UPDATE
SET name = excluded.name, min_amount = excluded.min_amount, campaign_id = excluded.campaign_id, ended_at = NULL;

-- name: end_other_stamp_cards reference
UPDATE stamp_cards
SET ended_at = $3
WHERE program_id = $1 AND code <> ALL ($2) AND ended_at IS NULL;

-- name: find_stamp_cards reference
SELECT id, program_id, code, name, source, min_amount, stamps_needed, campaign_id, created_at
FROM stamp_cards
WHERE program_id = $1 AND code = ANY ($2);

-- name: read_stamp_cards reference
SELECT id, program_id, code, name, source, min_amount, stamps_needed, campaign_id, created_at
FROM stamp_cards
WHERE program_id = ANY ($1) AND ended_at IS NULL
ORDER BY created_at, code;

-- name: insert_stamps batch
-- A stamp that was taken back is given again; one that stands is not given twice.
INSERT INTO stamps (member_id, stamp_card_id, source_key, at)
SELECT *
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])
ON CONFLICT (member_id, stamp_card_id, source_key) DO UPDATE
SET at = excluded.at, revoked_at = NULL
WHERE stamps.revoked_at IS NOT NULL
RETURNING member_id, stamp_card_id;

-- name: read_progress batch
SELECT s.member_id, s.stamp_card_id, count(*) FILTER (WHERE s.revoked_at IS NULL) AS stamped,
       (SELECT count(*) FROM stamp_completions c WHERE c.member_id = s.member_id /* spread: AND c.member_id = ANY ($1) */ AND c.stamp_card_id = s.stamp_card_id)
           AS completed
FROM stamps s
WHERE s.member_id = ANY ($1)
GROUP BY s.member_id, s.stamp_card_id;

-- name: insert_completions batch
INSERT INTO stamp_completions (member_id, stamp_card_id, round, completed_at, decision, coupon_id)
SELECT *
FROM unnest(:member_id::uuid[], :stamp_card_id::uuid[], :round::int[], :completed_at::timestamptz[], :decision::text[],
            :coupon_id::uuid[]);

-- name: find_completion one
SELECT member_id, stamp_card_id, round, completed_at, decision, coupon_id
FROM stamp_completions
WHERE member_id = $1 AND stamp_card_id = $2 AND round = $3;

-- name: remove_completion one
DELETE FROM stamp_completions
WHERE member_id = $1 AND stamp_card_id = $2 AND round = $3;

-- name: find_stamps one
SELECT s.stamp_card_id
FROM stamps s
WHERE s.member_id = $1 AND s.source_key = $2 AND s.revoked_at IS NULL;

-- name: list_running_stamps one
-- Of each card the newest, as many as stand on the one that is being filled.
SELECT s.stamp_card_id, s.source_key, s.at
FROM (
    SELECT stamp_card_id, source_key, at,
           row_number() OVER (PARTITION BY stamp_card_id ORDER BY at DESC, source_key DESC) AS place,
           count(*) OVER (PARTITION BY stamp_card_id) AS standing
    FROM stamps
    WHERE member_id = $1 AND revoked_at IS NULL
) s
JOIN stamp_cards c ON c.id = s.stamp_card_id
WHERE s.place <= s.standing - c.stamps_needed * (
    SELECT count(*) FROM stamp_completions d WHERE d.member_id = $1 AND d.stamp_card_id = s.stamp_card_id
)
ORDER BY s.at, s.source_key;

-- name: revoke_stamps one
UPDATE stamps
SET revoked_at = $4
WHERE member_id = $1 AND (stamp_card_id, source_key) IN (SELECT * FROM unnest($2::uuid[], $3::text[]))
  AND revoked_at IS NULL;
