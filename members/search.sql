-- name: plan_for_these_values local
-- In this transaction. How many members have a pair of characters differs a thousandfold, and a plan for all of them
-- would be wrong for most: for a rare one the index of pairs is read, for a frequent one the newest members in turn.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: list_holders reference
SELECT DISTINCT member_id
FROM handles
WHERE program_id = $1 AND (kind, value_hash) IN (SELECT * FROM unnest($2::text[], $3::bytea[]));

-- name: list_by_name fan-out page
SELECT member_id
FROM profiles
-- The planner would take the names for much rarer than the pairs in them; of a `coalesce` it assumes half.
WHERE program_id = :program_id AND name_grams @> :grams::int[]
  AND coalesce(name_key LIKE ALL (:patterns::text[]), false) AND member_id < :before
ORDER BY member_id DESC
LIMIT :count;

-- name: list_by_name_start fan-out page
SELECT member_id
FROM profiles
WHERE program_id = :program_id AND (name_key, member_id) > (:after_key::text, :after_id::uuid) AND name_key < :beyond
ORDER BY name_key, member_id
LIMIT :count;

-- name: list_by_kana_start fan-out page
SELECT member_id
FROM profiles
WHERE program_id = :program_id AND (kana_key, member_id) > (:after_key::text, :after_id::uuid) AND kana_key < :beyond
ORDER BY kana_key, member_id
LIMIT :count;

-- name: find_keys one
SELECT name_key, kana_key
FROM profiles
WHERE program_id = $1 AND member_id = $2;
