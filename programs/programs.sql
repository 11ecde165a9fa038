-- name: insert_program reference
INSERT INTO programs (id, code, name, default_locale, time_zone, created_at)
VALUES (:id, :code, :name, :default_locale, :time_zone, :now);

-- name: find_program reference
SELECT id, code, name, default_locale, time_zone, created_at, settings_version AS version
FROM programs
WHERE id = $1;

-- name: find_program_by_code reference
SELECT id, code, name, default_locale, time_zone, created_at, settings_version AS version
FROM programs
WHERE code = $1;

-- name: hold_program reference
-- It stays until our commit; others may change it meanwhile, all but its key.
SELECT id
FROM programs
WHERE id = $1
FOR KEY SHARE;

-- name: take_settings_version reference
-- $2 null: of whatever version they are. The row stays ours until the commit.
UPDATE programs
SET settings_version = settings_version + 1
WHERE id = $1 AND settings_version = coalesce($2, settings_version)
RETURNING settings_version;

-- name: update_program reference
UPDATE programs
SET name = coalesce($2, name), default_locale = coalesce($3, default_locale), time_zone = coalesce($4, time_zone)
WHERE id = $1
RETURNING id, code, name, default_locale, time_zone, created_at, settings_version AS version;

-- name: find_factor_demand reference
SELECT demands_second_factor
FROM programs
WHERE id = $1;

-- name: set_factor_demand reference
UPDATE programs
SET demands_second_factor = $2
WHERE id = $1;

-- name: find_enrolment_settings reference
SELECT phone_region, join_url, app_check_project, code_hour_cap, code_day_cap, allow_browsers
FROM programs
WHERE id = $1;

-- name: update_enrolment_settings reference
UPDATE programs
SET phone_region = :phone_region, join_url = :join_url, app_check_project = :app_check_project,
    code_hour_cap = :code_hour_cap, code_day_cap = :code_day_cap, allow_browsers = :allow_browsers
WHERE id = :id;

-- name: find_message_settings reference
SELECT quiet_start, quiet_end, message_day_cap, message_week_cap, message_quota, message_phones, settings_version
FROM programs
WHERE id = $1;

-- name: update_message_settings reference
UPDATE programs
SET quiet_start = :quiet_start, quiet_end = :quiet_end, message_day_cap = :day_cap, message_week_cap = :week_cap,
    message_quota = :day_quota, message_phones = :phones
WHERE id = :id;

-- name: bump_fence_version reference
UPDATE programs
SET fence_version = fence_version + 1
WHERE id = $1
RETURNING fence_version;

-- name: bump_campaign_version reference
UPDATE programs
SET campaign_version = campaign_version + 1
WHERE id = $1
RETURNING campaign_version;

-- name: read_versions reference
SELECT coalesce(sum(fence_version), 0)::bigint AS fence_version,
       coalesce(sum(campaign_version), 0)::bigint AS campaign_version
FROM programs;

-- name: read_versions_of_program reference
SELECT fence_version, campaign_version
FROM programs
WHERE id = $1;

-- name: read_versions_of_programs reference
SELECT id, fence_version, campaign_version
FROM programs
WHERE fence_version > 0 OR campaign_version > 0;
