-- name: find_profile one
SELECT member_id, program_id, name, kana, nickname, birth_year, birth_month, birth_day, gender, postal_code, prefecture,
       city, job, income_band, time_zone, attributes, updated_at, version
FROM profiles
WHERE member_id = $1;

-- name: list_profiles batch
SELECT member_id, program_id, name, kana, nickname, birth_year, birth_month, birth_day, gender, postal_code, prefecture,
       city, job, income_band, time_zone, attributes, updated_at, version
FROM profiles
WHERE member_id = ANY ($1);

-- name: lock_profiles batch
-- In the order of their members, who are locked before.
SELECT member_id, program_id, name, kana, nickname, birth_year, birth_month, birth_day, gender, postal_code, prefecture,
       city, job, income_band, time_zone, attributes, updated_at, version
FROM profiles
WHERE member_id = ANY ($1)
ORDER BY member_id
FOR UPDATE;

-- name: insert_empty_profile one
-- So that there is a row to lock: two first changes at once would else each overwrite the other.
INSERT INTO profiles (member_id, program_id, updated_at, version)
VALUES ($1, $2, $3, 0)
ON CONFLICT (member_id) DO NOTHING;

-- name: upsert_profiles batch
INSERT INTO profiles (member_id, program_id, name, kana, nickname, birth_year, birth_month, birth_day, gender,
                      postal_code, prefecture, city, job, income_band, time_zone, attributes, updated_at, version,
                      name_key, name_grams, kana_key)
SELECT member_id, program_id, name, kana, nickname, birth_year, birth_month, birth_day, gender, postal_code, prefecture,
       city, job, income_band, time_zone, attributes, updated_at, version, name_key,
       CASE WHEN name_key IS NOT NULL THEN string_to_array(name_grams, ' ')::int[] END, kana_key
FROM unnest(:member_id::uuid[], :program_id::uuid[], :name::text[], :kana::text[], :nickname::text[],
            :birth_year::smallint[], :birth_month::smallint[], :birth_day::smallint[], :gender::text[],
            :postal_code::text[], :prefecture::smallint[], :city::text[], :job::text[], :income_band::text[],
            :time_zone::text[], :attributes::jsonb[], :updated_at::timestamptz[], :version::int[], :name_key::text[],
            :name_grams::text[], :kana_key::text[])
     AS new (member_id, program_id, name, kana, nickname, birth_year, birth_month, birth_day, gender, postal_code,
             prefecture, city, job, income_band, time_zone, attributes, updated_at, version, name_key, name_grams,
             kana_key)
ORDER BY member_id
ON CONFLICT (member_id) DO UPDATE
SET name = excluded.name, kana = excluded.kana, nickname = excluded.nickname, birth_year = excluded.birth_year,
    birth_month = excluded.birth_month, birth_day = excluded.birth_day, gender = excluded.gender,
    postal_code = excluded.postal_code, prefecture = excluded.prefecture, city = excluded.city, job = excluded.job,
    income_band = excluded.income_band, time_zone = excluded.time_zone, attributes = excluded.attributes,
    updated_at = excluded.updated_at, version = excluded.version, name_key = excluded.name_key,
    name_grams = excluded.name_grams, kana_key = excluded.kana_key;

-- name: delete_profile one
DELETE FROM profiles
WHERE member_id = $1;

-- name: list_attributes reference
SELECT key, kind, label, choices, writers, is_profiling, created_at, removed_at
FROM attributes
WHERE program_id = $1
ORDER BY created_at, key;

-- name: lock_attribute reference
SELECT key, kind, label, choices, writers, is_profiling, created_at, removed_at
FROM attributes
WHERE program_id = $1 AND key = $2
FOR UPDATE;

-- name: insert_attribute reference
INSERT INTO attributes (program_id, key, kind, label, choices, writers, is_profiling, created_at)
VALUES (:program_id, :key, :kind, :label, :choices, :writers, :is_profiling, :created_at)
ON CONFLICT (program_id, key) DO NOTHING
RETURNING key;

-- name: update_attribute reference
UPDATE attributes
SET label = :label, choices = :choices, writers = :writers, is_profiling = :is_profiling, removed_at = NULL
WHERE program_id = :program_id AND key = :key;

-- name: remove_attribute reference
UPDATE attributes
SET removed_at = $3
WHERE program_id = $1 AND key = $2;
