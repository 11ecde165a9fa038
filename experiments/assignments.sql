-- name: find_arms batch
SELECT member_id, campaign_id, arm
FROM assignments
WHERE (member_id, campaign_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) /* spread: AND member_id = ANY ($1) */;

-- name: insert_assignments batch
-- Whose row another transaction writes at this moment is waited for, and not returned.
INSERT INTO assignments (member_id, campaign_id, program_id, version, program_percent, arm, first_eligible_at)
SELECT *
FROM unnest(:member_id::uuid[], :campaign_id::uuid[], :program_id::uuid[], :version::integer[],
            :program_percent::smallint[], :arm::text[], :first_eligible_at::timestamptz[])
     AS new (member_id, campaign_id, program_id, version, program_percent, arm, first_eligible_at)
ORDER BY member_id, campaign_id
ON CONFLICT (member_id, campaign_id) DO NOTHING
RETURNING member_id, campaign_id, arm;

-- name: list_assigned_arms fan-out page
SELECT DISTINCT arm
FROM assignments
WHERE campaign_id = $1 AND version > 0;

-- name: move_assignments batch
-- To whom the member became: their own stand, and of campaigns in which they have none the other's.
WITH gone AS (
    DELETE FROM assignments
    WHERE member_id = $1
    RETURNING campaign_id, program_id, version, program_percent, arm, first_eligible_at
)
INSERT INTO assignments (member_id, campaign_id, program_id, version, program_percent, arm, first_eligible_at)
SELECT $2, campaign_id, program_id, version, program_percent, arm, first_eligible_at
FROM gone
ORDER BY campaign_id
ON CONFLICT (member_id, campaign_id) DO NOTHING;

-- name: reopen_analyses reference
DELETE FROM closed_analyses a
USING campaigns c
WHERE c.id = a.campaign_id AND c.state <> 'ended' AND (c.ends_at IS NULL OR c.ends_at > $1);

-- name: list_ended reference
SELECT c.id
FROM campaigns c
WHERE (c.state = 'ended' OR c.ends_at <= $1) AND NOT EXISTS (SELECT FROM closed_analyses WHERE campaign_id = c.id);

-- name: list_assigned fan-out hourly
SELECT DISTINCT campaign_id
FROM assignments
WHERE campaign_id = ANY ($1);

-- name: close_analyses reference
INSERT INTO closed_analyses (campaign_id, closed_at)
SELECT id, least(ends_at, $2)
FROM campaigns
WHERE id = ANY ($1) AND (state = 'ended' OR ends_at <= $2)
ON CONFLICT (campaign_id) DO NOTHING;

-- name: purge_assignments fan-out hourly
-- Of campaigns that ended before then, and of experiments that did while their campaign goes on.
DELETE FROM assignments
WHERE (member_id, campaign_id) IN (
    SELECT a.member_id, a.campaign_id
    FROM assignments a
    LEFT JOIN closed_analyses c ON c.campaign_id = a.campaign_id
    LEFT JOIN experiments e ON e.campaign_id = a.campaign_id
    WHERE c.closed_at < $1 OR (a.version > 0 AND e.ended_at < $1)
    LIMIT $2
);
