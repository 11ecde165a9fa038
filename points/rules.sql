-- name: upsert_point_rules reference
INSERT INTO point_rules (program_id, currency, amount_step, step_points, visit_points, valid_days, time_zone, changed_at)
VALUES (:program_id, :currency, :amount_step, :step_points, :visit_points, :valid_days, :time_zone, :now)
ON CONFLICT (program_id) DO UPDATE
SET currency = excluded.currency, amount_step = excluded.amount_step, step_points = excluded.step_points,
    visit_points = excluded.visit_points, valid_days = excluded.valid_days, time_zone = excluded.time_zone,
    changed_at = excluded.changed_at;

-- name: read_point_rules reference
SELECT program_id, currency, amount_step, step_points, visit_points, valid_days, time_zone
FROM point_rules
WHERE program_id = ANY ($1);

-- name: read_earning_rules reference
-- Of those that have rules of points, stamp cards or ranks at all: most programs have not all three, and each question more
-- costs every scan.
SELECT p.program_id, r.currency, r.amount_step, r.step_points, r.visit_points, r.valid_days, r.time_zone,
       EXISTS (SELECT FROM stamp_cards s WHERE s.program_id = p.program_id AND s.ended_at IS NULL) AS has_stamp_cards,
       EXISTS (SELECT FROM rank_rules k WHERE k.program_id = p.program_id) AS has_ranks
FROM unnest($1::uuid[]) AS p (program_id)
LEFT JOIN point_rules r ON r.program_id = p.program_id;
