-- name: upsert_program_holdout local
-- The salt stays, so that the same members are held out again.
INSERT INTO program_holdouts (program_id, percent, salt, ended_at)
VALUES (:program_id, :percent::smallint, :salt, CASE WHEN :percent::smallint = 0 THEN :now::timestamptz END)
ON CONFLICT (program_id) DO UPDATE
SET percent = excluded.percent,
    ended_at = CASE WHEN excluded.percent = 0 THEN coalesce(program_holdouts.ended_at, excluded.ended_at) END;

-- name: find_program_holdout local
SELECT program_id, percent, salt, ended_at
FROM program_holdouts
WHERE program_id = $1;

-- name: read_program_holdouts local
SELECT program_id, percent, salt, ended_at
FROM program_holdouts
WHERE ($1::uuid[] IS NULL OR program_id = ANY ($1)) AND percent > 0;

-- name: insert_experiment reference
INSERT INTO experiments (campaign_id, program_id, salt, holdout_percent, started_at)
VALUES (:campaign_id, :program_id, :salt, :holdout_percent, :now);

-- name: update_experiment reference
UPDATE experiments
SET holdout_percent = $2
WHERE campaign_id = $1;

-- name: end_experiment reference
UPDATE experiments
SET ended_at = greatest($2, started_at)
WHERE campaign_id = $1 AND ended_at IS NULL;

-- name: insert_split local
INSERT INTO splits (campaign_id, version, allocation, created_at)
VALUES (:campaign_id, :version, :allocation, :now);

-- name: delete_variants local
DELETE FROM variants
WHERE campaign_id = $1;

-- name: insert_variants local
INSERT INTO variants (campaign_id, code, place, share, offer, benefit, offer_version)
SELECT :campaign_id::uuid, code, place, share, offer, benefit, offer_version
FROM unnest(:code::text[], :share::smallint[], :offer::jsonb[], :benefit::jsonb[], :offer_version::integer[])
     WITH ORDINALITY AS new (code, share, offer, benefit, offer_version, place);

-- name: read_experiments local
-- With the newest split of each. `running` narrows to those that have not ended.
SELECT e.campaign_id, e.program_id, e.salt, e.holdout_percent, e.started_at, e.ended_at, s.version, s.allocation,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'share', share, 'offer', offer::text, 'benefit', benefit::text,
                                                     'offer_version', offer_version) ORDER BY place), '[]')
        FROM variants
        WHERE campaign_id = e.campaign_id) AS variants
FROM experiments e
JOIN LATERAL (
    SELECT version, allocation
    FROM splits
    WHERE campaign_id = e.campaign_id
    ORDER BY version DESC
    LIMIT 1
) s ON true
WHERE (:program_ids::uuid[] IS NULL OR e.program_id = ANY (:program_ids))
  AND (:campaign_id::uuid IS NULL OR e.campaign_id = :campaign_id)
  AND (NOT :running::boolean OR e.ended_at IS NULL);

-- name: list_splits local
SELECT version, allocation
FROM splits
WHERE campaign_id = $1;
