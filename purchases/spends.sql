-- name: insert_spend one
INSERT INTO spends (member_id, id, store_id, till_id, receipt, points, spent_at)
VALUES (:member_id, :id, :store_id, :till_id, :receipt, :points, :spent_at);

-- name: lock_spend one
-- One row by its key. Two voids of one spending wait for each other here.
SELECT points, voided
FROM spends
WHERE member_id = $1 AND id = $2
FOR UPDATE;

-- name: set_voided one
UPDATE spends
SET voided = $3
WHERE member_id = $1 AND id = $2;
