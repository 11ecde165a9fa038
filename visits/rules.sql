-- name: upsert_visit_rules local
INSERT INTO visit_rules (program_id, by_store_qr, by_dwell, min_trust)
VALUES ($1, $2, $3, $4)
ON CONFLICT (program_id) DO UPDATE
SET by_store_qr = excluded.by_store_qr, by_dwell = excluded.by_dwell, min_trust = excluded.min_trust;

-- name: read_visit_rules local
SELECT program_id, by_store_qr, by_dwell, min_trust
FROM visit_rules;

-- name: find_visit_rules local
SELECT program_id, by_store_qr, by_dwell, min_trust
FROM visit_rules
WHERE program_id = ANY ($1);
