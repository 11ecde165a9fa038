-- What this package holds about a person: $1 are the member and all who became them.

-- name: export_member_facts batch
SELECT member_id, may_profile, home_store_id, joined_at, visits, first_visit_on, last_visit_on, purchases, spend,
       last_purchase_at, points, rank_code, stamps, coupons_issued, coupons_used
FROM member_facts
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: erase_member_facts batch
DELETE FROM member_facts
WHERE member_id = ANY ($1);
