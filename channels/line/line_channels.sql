-- name: upsert_channel reference
-- What was known of a former channel is not known of this one.
INSERT INTO line_channels
    (program_id, channel_id, login_channel_id, liff_id, link_url, sealed_credentials, changed_at, next_check_at)
VALUES (:program_id, :channel_id, :login_channel_id, :liff_id, :link_url, :sealed_credentials, :now, :now)
ON CONFLICT (program_id) DO UPDATE
SET channel_id = excluded.channel_id, login_channel_id = excluded.login_channel_id, liff_id = excluded.liff_id,
    link_url = excluded.link_url, sealed_credentials = excluded.sealed_credentials, changed_at = excluded.changed_at,
    next_check_at = excluded.next_check_at, lease_until = NULL, bot_user_id = NULL, monthly_limit = NULL,
    sent_this_month = NULL, checked_at = NULL, fault = NULL, spent_until = NULL;

-- name: find_channel reference
SELECT program_id, channel_id, login_channel_id, liff_id, link_url, sealed_credentials, changed_at, bot_user_id,
       monthly_limit, sent_this_month, checked_at, fault, spent_until
FROM line_channels
WHERE program_id = $1;

-- name: delete_channel reference
DELETE FROM line_channels
WHERE program_id = $1
RETURNING program_id;

-- name: record_check reference
-- Of the credentials that were asked with: others may have come since. A month that is spent stays so, unless LINE
-- counts a place.
UPDATE line_channels
SET bot_user_id = :bot_user_id, monthly_limit = :monthly_limit, sent_this_month = :sent_this_month, fault = NULL,
    spent_until = CASE WHEN :monthly_limit::int IS NULL OR :sent_this_month::bigint < :monthly_limit::int
                       THEN NULL ELSE spent_until END,
    checked_at = :now, next_check_at = :next_check_at, lease_until = NULL
WHERE program_id = :program_id AND changed_at = :changed_at;

-- name: record_fault reference
UPDATE line_channels
SET fault = :fault, next_check_at = :next_check_at, lease_until = NULL
WHERE program_id = :program_id AND changed_at = :changed_at;

-- name: record_spent reference
-- Of the credentials that were refused with.
UPDATE line_channels
SET spent_until = $3, next_check_at = $4
WHERE program_id = $1 AND changed_at = $2;
