-- name: insert_suppression one
INSERT INTO email_suppressions (member_id, value_hash, program_id, reason, at)
VALUES (:member_id, :value_hash, :program_id, :reason, :at)
ON CONFLICT (member_id, value_hash, reason) DO NOTHING;

-- name: list_suppressions one
SELECT reason, at
FROM email_suppressions
WHERE member_id = $1 AND value_hash = $2
ORDER BY at, reason;

-- name: lift_address one
DELETE FROM email_suppressions
WHERE member_id = $1 AND value_hash = $2;

-- name: lift_suppressions one
DELETE FROM email_suppressions
WHERE member_id = $1 AND reason = ANY ($2::text[]);

-- name: lift_bounces_of one
DELETE FROM email_suppressions
WHERE member_id = $1 AND value_hash = $2 AND reason = 'bounced';

-- name: move_suppressions batch
INSERT INTO email_suppressions (member_id, value_hash, program_id, reason, at)
SELECT $2, value_hash, program_id, reason, at
FROM email_suppressions
WHERE member_id = $1
ON CONFLICT (member_id, value_hash, reason) DO NOTHING;

-- name: delete_suppressions one
DELETE FROM email_suppressions
WHERE member_id = $1;
