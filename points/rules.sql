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
