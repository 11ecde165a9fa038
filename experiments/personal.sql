-- What this package holds about a person: $1 are the member and all who became them.

-- name: export_assignments batch
SELECT member_id, campaign_id, version, arm, first_eligible_at
FROM assignments
WHERE member_id = ANY ($1)
ORDER BY member_id, campaign_id;

-- name: erase_assignments batch
DELETE FROM assignments
WHERE member_id = ANY ($1);
