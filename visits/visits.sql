-- name: find_recent_evidence batch
-- All that a member was seen by around that time; ids are made in the order of time, so what was recorded before
-- `oldest_id` is left out by the key. `distance_m`: to the other store where they were, if it says anything: who was undone
-- was not there, and a number may have been typed by anybody.
SELECT asked.place, e.id > asked.recent_id AS is_recent, e.at,
       CASE WHEN e.store_id <> asked.store_id AND e.undone_at IS NULL AND e.kind <> 'card_number'
            THEN ST_Distance(here.location, there.location) END AS distance_m
FROM unnest(:place::int[], :member_id::uuid[], :store_id::uuid[], :oldest_id::uuid[], :recent_id::uuid[])
     AS asked (place, member_id, store_id, oldest_id, recent_id)
JOIN visit_evidence e ON e.member_id = asked.member_id /* spread: AND e.member_id = ANY (:member_id) */ AND e.id > asked.oldest_id
JOIN stores here ON here.id = asked.store_id
JOIN stores there ON there.id = e.store_id;

-- name: record_visits batch
-- Made, made again after an undo, raised, or with an earlier first evidence: an upsert that compares under the row's lock, whatever came
-- first. What changes nothing is locked, and not returned.
INSERT INTO visits AS held (member_id, store_id, business_day, program_id, first_at, trust)
SELECT member_id, store_id, business_day, program_id, first_at, trust
FROM unnest(:member_id::uuid[], :store_id::uuid[], :business_day::date[], :program_id::uuid[],
            :first_at::timestamptz[], :trust::smallint[])
     AS new (member_id, store_id, business_day, program_id, first_at, trust)
ORDER BY member_id, store_id, business_day
ON CONFLICT (member_id, store_id, business_day) DO UPDATE
SET former_trust = CASE WHEN held.undone_at IS NULL THEN held.trust END,
    trust = CASE WHEN held.undone_at IS NULL THEN greatest(held.trust, excluded.trust) ELSE excluded.trust END,
    first_at = CASE WHEN held.undone_at IS NULL THEN least(held.first_at, excluded.first_at) ELSE excluded.first_at END,
    undone_at = NULL
WHERE held.undone_at IS NOT NULL OR held.trust < excluded.trust OR held.first_at > excluded.first_at
RETURNING member_id, store_id, business_day, former_trust, earning_round, xmax = 0 AS is_new;

-- name: insert_scans batch
INSERT INTO visit_evidence (member_id, id, store_id, business_day, kind, till_id, trust, doubts, coupon_ids, at)
SELECT member_id, id, store_id, business_day, kind, till_id, trust, doubts::text[], coupon_ids::uuid[], at
FROM unnest(:member_id::uuid[], :id::uuid[], :store_id::uuid[], :business_day::date[], :kind::text[], :till_id::uuid[],
            :trust::smallint[], :doubts::text[], :coupon_ids::text[], :at::timestamptz[])
     AS new (member_id, id, store_id, business_day, kind, till_id, trust, doubts, coupon_ids, at);

-- name: insert_shown batch
-- What a phone showed before, that day, is not written again; another phone of the member may report an earlier time.
INSERT INTO visit_evidence AS held (member_id, id, store_id, business_day, kind, device_id, trust, doubts, coupon_ids, at)
SELECT member_id, id, store_id, business_day, kind, device_id, trust, doubts::text[], coupon_ids::uuid[], at
FROM unnest(:member_id::uuid[], :id::uuid[], :store_id::uuid[], :business_day::date[], :kind::text[],
            :device_id::uuid[], :trust::smallint[], :doubts::text[], :coupon_ids::text[], :at::timestamptz[])
     AS new (member_id, id, store_id, business_day, kind, device_id, trust, doubts, coupon_ids, at)
ON CONFLICT (member_id, store_id, business_day, kind, trust) WHERE device_id IS NOT NULL DO UPDATE
SET at = excluded.at
WHERE held.at > excluded.at;

-- name: list_visits_of_member batch
-- `member_ids` are a member and all who became them: two of them at one store on one day are one visit. All of their
-- evidence is read once, in the order of its key.
WITH evidence AS (
    SELECT e.member_id, e.store_id, e.business_day, (array_agg(e.id ORDER BY e.id))[1] AS id,
           array_agg(DISTINCT e.kind) || coalesce(array_agg(DISTINCT doubt) FILTER (WHERE doubt IS NOT NULL), '{}') AS reasons
    FROM visit_evidence e
    LEFT JOIN LATERAL unnest(e.doubts) AS doubted (doubt) ON true
    WHERE e.member_id = ANY (:member_ids) AND e.undone_at IS NULL
    GROUP BY e.member_id, e.store_id, e.business_day
), seen AS (
    SELECT e.id, v.member_id, v.store_id, v.business_day, v.first_at, v.trust, e.reasons
    FROM visits v
    JOIN evidence e USING (member_id, store_id, business_day)
    WHERE v.member_id = ANY (:member_ids) AND v.undone_at IS NULL
      AND (:from_day::date IS NULL OR v.business_day >= :from_day)
      AND (:to_day::date IS NULL OR v.business_day <= :to_day)
), visit AS (
    SELECT DISTINCT ON (store_id, business_day) id, store_id, business_day, first_at, trust, reasons
    FROM seen
    ORDER BY store_id, business_day, member_id
)
SELECT id, store_id, business_day, first_at, trust, reasons
FROM visit
WHERE id < :before
ORDER BY id DESC
LIMIT :fetch_count;

-- name: list_scans_of_store fan-out page
SELECT e.id, e.member_id, e.store_id, e.business_day, e.kind, e.at, e.trust, e.doubts, e.undone_at
FROM visit_evidence e
JOIN visits v ON (v.member_id, v.store_id, v.business_day) = (e.member_id, e.store_id, e.business_day)
WHERE v.program_id = :program_id AND e.store_id = :store_id AND e.id < :before
  AND (:member_ids::uuid[] IS NULL OR e.member_id = ANY (:member_ids))
  AND (:from_day::date IS NULL OR e.business_day >= :from_day)
  AND (:to_day::date IS NULL OR e.business_day <= :to_day)
ORDER BY e.id DESC
LIMIT :fetch_count;

-- name: list_scans_of_member batch
SELECT id, member_id, store_id, business_day, kind, at, trust, doubts, undone_at
FROM visit_evidence
WHERE member_id = ANY (:member_ids) AND id < :before
  AND (:from_day::date IS NULL OR business_day >= :from_day)
  AND (:to_day::date IS NULL OR business_day <= :to_day)
ORDER BY id DESC
LIMIT :fetch_count;

-- name: find_scan one
-- It is not undone before what refers to it is committed.
SELECT e.kind, e.at
FROM visit_evidence e
JOIN members m ON m.member_id = e.member_id AND m.state = 'active'
WHERE e.member_id = $1 AND e.id = $2 AND e.store_id = $3 AND e.till_id IS NOT NULL AND e.undone_at IS NULL
FOR SHARE OF e;
