-- name: read_size fan-out bench
-- Of the program with the most members.
SELECT program_id, count(*) AS member_count, (SELECT count(*) FROM visits v WHERE v.program_id = m.program_id) AS visit_count
FROM members m
GROUP BY program_id
ORDER BY count(*) DESC
LIMIT 1;

-- name: draw_devices fan-out bench
-- Of members who have no phone's key yet.
SELECT d.member_id, d.id AS device_id
FROM devices d
JOIN members m ON m.member_id = d.member_id AND m.state = 'active'
WHERE d.program_id = $1 AND d.revoked_at IS NULL
  AND NOT EXISTS (SELECT FROM card_keys k WHERE k.member_id = d.member_id AND k.revoked_at IS NULL)
ORDER BY random()
LIMIT $2;

-- name: insert_card_keys batch
INSERT INTO card_keys (member_id, serial, program_id, card_number, device_id, public_key, expanded_key, registered_at,
                       stands_at, certificate_hash)
SELECT new.member_id, serial, :program_id, c.number, device_id, public_key, expanded_key, :now, :now, certificate_hash
FROM unnest(:member_id::uuid[], :serial::bytea[], :device_id::uuid[], :public_key::bytea[], :expanded_key::bytea[],
            :certificate_hash::bytea[])
     AS new (member_id, serial, device_id, public_key, expanded_key, certificate_hash)
JOIN cards c ON c.member_id = new.member_id;

-- name: draw_stores reference
SELECT id
FROM stores
WHERE program_id = $1 AND closed_at IS NULL
ORDER BY random()
LIMIT $2;

-- name: count_scans fan-out bench
-- What these tills have scanned: the codes that counted, and the evidence on visits.
SELECT (SELECT count(*) FROM code_uses WHERE till_id = ANY ($1) AND is_counted) AS codes,
       (SELECT count(*) FROM visit_evidence WHERE till_id = ANY ($1)) AS evidence;

-- name: draw_members fan-out bench
SELECT member_id
FROM members
WHERE program_id = $1
ORDER BY random()
LIMIT $2;

-- name: draw_visitors fan-out bench
-- Who comes more often is drawn more often. $2: per cent of the visits to draw from.
SELECT member_id
FROM visits TABLESAMPLE BERNOULLI ($2)
WHERE program_id = $1
ORDER BY random()
LIMIT $3;

-- name: find_heaviest fan-out bench
SELECT member_id, count(*) AS visit_count
FROM visits
WHERE program_id = $1
GROUP BY member_id
ORDER BY count(*) DESC
LIMIT $2;

-- name: draw_names fan-out bench
SELECT p.name, p.kana
FROM (SELECT member_id FROM profiles WHERE program_id = $1 AND kana IS NOT NULL ORDER BY random() LIMIT $2) drawn
JOIN profiles p USING (member_id);
