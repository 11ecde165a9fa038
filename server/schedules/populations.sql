-- Whom an occasion may concern, of one range of member ids and in their order: behind `after`, up to `until` (null: to the
-- last). Of a campaign for some stores those who are at home there (`store_id`; null: all).

-- name: list_members fan-out run
SELECT f.member_id
FROM member_facts f
WHERE f.program_id = :program_id AND f.is_active AND f.member_id > :after
  AND (:until::uuid IS NULL OR f.member_id <= :until)
  AND (:store_id::uuid[] IS NULL OR f.home_store_id = ANY (:store_id))
ORDER BY f.member_id
LIMIT :most;

-- name: list_borders fan-out run
-- The last member of each range of $2, and how many a range has; the last range is open.
SELECT member_id, number::int, (number - 1) / $2 AS place
FROM (
    SELECT member_id, row_number() OVER (ORDER BY member_id) AS number, count(*) OVER () AS members
    FROM member_facts
    WHERE program_id = $1 AND is_active AND ($3::uuid[] IS NULL OR home_store_id = ANY ($3))
) numbered
WHERE number % $2 = 0 OR number = members
ORDER BY number;

-- name: list_zones fan-out run
-- Those by which members of the program may live.
SELECT time_zone FROM profiles WHERE program_id = $1 AND time_zone IS NOT NULL
UNION
SELECT time_zone FROM stores WHERE program_id = $1
UNION
SELECT time_zone FROM programs WHERE id = $1;

-- name: list_birthdays fan-out run
SELECT f.member_id
FROM profiles p
JOIN member_facts f ON f.member_id = p.member_id AND f.is_active
WHERE p.program_id = :program_id AND p.member_id > :after AND (:until::uuid IS NULL OR p.member_id <= :until)
  AND (p.birth_month, p.birth_day) IN (SELECT * FROM unnest(:birth_month::smallint[], :birth_day::smallint[]))
  AND (:store_id::uuid[] IS NULL OR f.home_store_id = ANY (:store_id))
ORDER BY p.member_id
LIMIT :most;

-- name: list_lapsed fan-out run
SELECT f.member_id
FROM member_facts f
WHERE f.program_id = :program_id AND f.is_active AND f.may_profile AND f.member_id > :after
  AND (:until::uuid IS NULL OR f.member_id <= :until) AND f.last_visit_on = :last_visit_on
  AND (:store_id::uuid[] IS NULL OR f.home_store_id = ANY (:store_id))
ORDER BY f.member_id
LIMIT :most;

-- name: list_point_expiries fan-out run
SELECT f.member_id
FROM member_facts f
WHERE f.program_id = :program_id AND f.is_active AND f.points > 0 AND f.member_id > :after
  AND (:until::uuid IS NULL OR f.member_id <= :until)
  AND EXISTS (SELECT FROM point_lots l
              WHERE l.member_id = f.member_id AND l.expires_at > :day_from AND l.expires_at <= :day_to)
  AND (:store_id::uuid[] IS NULL OR f.home_store_id = ANY (:store_id))
ORDER BY f.member_id
LIMIT :most;

-- name: list_coupon_expiries fan-out run
-- Of coupons with a use left, that are still the member's.
SELECT DISTINCT f.member_id
FROM coupons c
JOIN campaigns k ON k.id = c.campaign_id AND k.withdrawn_at IS NULL
JOIN member_facts f ON f.member_id = c.member_id AND f.is_active
WHERE f.program_id = :program_id AND c.campaign_id = :campaign_id AND c.member_id > :after
  AND (:until::uuid IS NULL OR c.member_id <= :until) AND c.expires_at > :day_from AND c.expires_at <= :day_to
  AND (SELECT count(*) FROM redemptions r
       WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.held_until IS NULL) < c.uses
  AND (:store_id::uuid[] IS NULL OR f.home_store_id = ANY (:store_id))
ORDER BY f.member_id
LIMIT :most;

-- name: list_rank_expiries fan-out run
-- Whether such a rank really falls is judged with what the member has gathered until now.
SELECT f.member_id
FROM member_facts f
JOIN member_ranks r ON r.member_id = f.member_id AND r.rank_code IS NOT NULL
WHERE f.program_id = :program_id AND f.is_active AND f.may_profile AND f.member_id > :after
  AND (:until::uuid IS NULL OR f.member_id <= :until) AND r.valid_until > :day_from AND r.valid_until <= :day_to
  AND (:store_id::uuid[] IS NULL OR f.home_store_id = ANY (:store_id))
ORDER BY f.member_id
LIMIT :most;

-- name: list_joined fan-out run
-- By their ids, which begin with the time at which they were made. Who came by a file has not joined by themselves.
SELECT f.member_id, f.joined_at AS at
FROM member_facts f
WHERE f.program_id = :program_id AND f.is_active AND f.member_id >= :first AND (f.joined_at, f.member_id) > (:after, :after_member)
  AND f.joined_at <= :until AND NOT EXISTS (SELECT FROM imported_members i WHERE i.member_id = f.member_id)
  AND (:store_id::uuid[] IS NULL OR f.home_store_id = ANY (:store_id))
ORDER BY f.joined_at, f.member_id
LIMIT :most;

-- name: list_claimed fan-out run
SELECT f.member_id, i.claimed_at AS at
FROM imported_members i
JOIN member_facts f ON f.member_id = i.member_id AND f.is_active
WHERE i.program_id = :program_id AND (i.claimed_at, i.member_id) > (:after, :after_member)
  AND i.claimed_at <= :until
  AND (:store_id::uuid[] IS NULL OR f.home_store_id = ANY (:store_id))
ORDER BY i.claimed_at, f.member_id
LIMIT :most;

-- name: list_rank_changes fan-out run
SELECT f.member_id, c.at, c.former_rank_code, c.rank_code
FROM rank_changes c
JOIN member_facts f ON f.member_id = c.member_id AND f.is_active AND f.may_profile
WHERE f.program_id = :program_id AND (c.at, c.member_id) > (:after, :after_member)
  AND c.at <= :until AND c.rank_code IS NOT NULL
  AND (:store_id::uuid[] IS NULL OR f.home_store_id = ANY (:store_id))
ORDER BY c.at, f.member_id
LIMIT :most;

-- name: list_program_zones reference
SELECT id, time_zone
FROM programs
WHERE id = ANY ($1);
