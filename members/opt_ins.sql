-- name: upsert_opt_in batch
INSERT INTO email_opt_ins (member_id, program_id, text_version, asked_at)
SELECT *
FROM unnest(:member_id::uuid[], :program_id::uuid[], :text_version::text[], :asked_at::timestamptz[])
ON CONFLICT (member_id) DO UPDATE
SET text_version = excluded.text_version;

-- name: mark_opt_in_sent one
-- One e-mail in ten minutes, however often somebody says yes; none where nobody has. They may have said so to a server
-- whose clock is ahead.
UPDATE email_opt_ins
SET sent_at = greatest($2, asked_at)
WHERE member_id = $1 AND (sent_at IS NULL OR sent_at <= $2::timestamptz - make_interval(secs => $3))
RETURNING member_id;

-- name: take_opt_in one
DELETE FROM email_opt_ins
WHERE member_id = $1
RETURNING text_version;

-- name: find_opt_in one
SELECT asked_at
FROM email_opt_ins
WHERE member_id = $1;

-- name: purge_opt_ins fan-out hourly
DELETE FROM email_opt_ins
WHERE asked_at < $1;

-- name: move_opt_in batch
INSERT INTO email_opt_ins (member_id, program_id, text_version, asked_at, sent_at)
SELECT $2, program_id, text_version, asked_at, sent_at
FROM email_opt_ins
WHERE member_id = $1
ON CONFLICT (member_id) DO NOTHING;
