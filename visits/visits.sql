-- name: insert_visits
INSERT INTO visits (member_id, store_id, business_day, program_id, first_at)
SELECT member_id, store_id, business_day, program_id, first_at
FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::uuid[], $5::timestamptz[])
     AS new (member_id, store_id, business_day, program_id, first_at)
ORDER BY member_id, store_id, business_day
ON CONFLICT (member_id, store_id, business_day) DO NOTHING
RETURNING member_id, store_id, business_day;

-- name: begin_visits_earlier
-- An upsert, since a plain UPDATE would take its locks in any order.
INSERT INTO visits (member_id, store_id, business_day, program_id, first_at)
SELECT member_id, store_id, business_day, program_id, first_at
FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::uuid[], $5::timestamptz[])
     AS new (member_id, store_id, business_day, program_id, first_at)
ORDER BY member_id, store_id, business_day
ON CONFLICT (member_id, store_id, business_day) DO UPDATE
SET first_at = excluded.first_at
WHERE visits.first_at > excluded.first_at;

-- name: insert_evidence
INSERT INTO visit_evidence (member_id, id, store_id, business_day, kind, till_id, decisions, at)
SELECT *
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[], $5::text[], $6::uuid[], $7::jsonb[], $8::timestamptz[]);

-- name: list_visits_of_member
-- $1 are a member and all who became them: two of them at one store on one day are one visit.
SELECT e.id, v.store_id, v.business_day, v.first_at
FROM visits v
JOIN LATERAL (
    SELECT id
    FROM visit_evidence
    WHERE member_id = v.member_id AND store_id = v.store_id AND business_day = v.business_day
    ORDER BY id
    LIMIT 1
) e ON true
WHERE v.member_id = ANY ($1) AND e.id < $2
  AND NOT EXISTS (
      SELECT
      FROM visits twin
      WHERE twin.member_id = ANY ($1) AND twin.member_id < v.member_id AND twin.store_id = v.store_id
        AND twin.business_day = v.business_day
  )
ORDER BY e.id DESC
LIMIT $3;

-- name: list_scans_of_store
SELECT e.id, e.member_id, e.store_id, e.business_day, e.kind, e.at, e.decisions
FROM visit_evidence e
JOIN visits v ON (v.member_id, v.store_id, v.business_day) = (e.member_id, e.store_id, e.business_day)
WHERE v.program_id = $1 AND e.store_id = $2 AND e.id < $3
ORDER BY e.id DESC
LIMIT $4;
