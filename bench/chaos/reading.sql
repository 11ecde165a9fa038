-- name: bring_erasures_forward fan-out bench
UPDATE erasures SET due_at = least(due_at, now());

-- name: count_erasures fan-out bench
SELECT count(*) FROM erasures;

-- name: read_coupons fan-out bench
SELECT id::text, member_id::text, campaign_id::text, period_key FROM coupons;

-- name: read_pushed fan-out bench
SELECT coupon_id::text AS id FROM outbox;

-- name: read_redeemed fan-out bench
SELECT coupon_id::text AS id FROM redemptions WHERE redemption_id IS NOT NULL;

-- name: read_amounts fan-out bench
SELECT amount FROM purchases;

-- name: read_scans fan-out bench
SELECT id::text FROM visit_evidence;

-- name: read_spent fan-out bench
SELECT id::text FROM spends;

-- name: read_refunds fan-out bench
SELECT id::text FROM refunds;

-- name: read_members fan-out bench
SELECT member_id::text, state FROM members;

-- name: read_caps reference
SELECT id::text AS campaign_id, cap FROM campaigns WHERE cap IS NOT NULL;

-- name: read_balances fan-out bench
SELECT least((SELECT min(balance) FROM point_accounts), (SELECT min(balance_after) FROM point_postings), 0) AS lowest,
       (SELECT count(*)
        FROM point_accounts a
        WHERE balance <> (SELECT coalesce(sum(points), 0) FROM point_postings p WHERE p.member_id = a.member_id))
       AS wrong;

-- name: count_left_of_erased fan-out bench
-- What tells of a person or of where they were. Coupons, postings and purchases stay as books, without their days.
SELECT (SELECT count(*) FROM handles h JOIN members m USING (member_id) WHERE m.state = 'erased')
     + (SELECT count(*) FROM visit_evidence v JOIN members m USING (member_id) WHERE m.state = 'erased')
     + (SELECT count(*) FROM transitions t JOIN members m USING (member_id) WHERE m.state = 'erased')
     + (SELECT count(*) FROM consents c JOIN members m USING (member_id) WHERE m.state = 'erased')
     + (SELECT count(*) FROM outbox o JOIN members m USING (member_id) WHERE m.state = 'erased')
     + (SELECT count(*) FROM member_ranks r JOIN members m USING (member_id) WHERE m.state = 'erased')
     + (SELECT count(*) FROM coupons c JOIN members m USING (member_id)
        WHERE m.state = 'erased' AND c.period_key NOT LIKE 'erased:%')
     + (SELECT count(*) FROM purchases p JOIN members m USING (member_id)
        WHERE m.state = 'erased' AND p.scan_id IS NOT NULL);
