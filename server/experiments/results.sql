-- name: sum_arms fan-out page
-- One row for each arm and each time in which the shares stayed: how many were assigned, what they were given, and of
-- those whose days are over by `until` the sums of what they did in them and in the days before. A person is everybody
-- who became them.
WITH unit AS MATERIALIZED (
    SELECT a.member_id, a.version, a.program_percent, a.arm, a.first_eligible_at AS since,
           a.first_eligible_at + make_interval(days => :days::int) AS over_at,
           a.first_eligible_at + make_interval(days => :days::int) <= :until::timestamptz AS is_over
    FROM assignments a
    JOIN members m ON m.member_id = a.member_id AND m.state NOT IN ('merged', 'erased')
    WHERE a.campaign_id = :campaign_id AND (a.version > 0) = :of_experiment::boolean AND a.first_eligible_at <= :until
), person AS MATERIALIZED (
    SELECT member_id, member_id AS name, since, over_at, is_over
    FROM unit
    UNION ALL
    SELECT u.member_id, m.member_id, u.since, u.over_at, u.is_over
    FROM unit u
    JOIN members m ON m.merged_into = u.member_id
), came AS (
    SELECT p.member_id, count(*) FILTER (WHERE v.first_at > p.since) AS after,
           count(*) FILTER (WHERE v.first_at <= p.since) AS before
    FROM person p
    JOIN visits v ON v.member_id = p.name
    WHERE p.is_over AND v.undone_at IS NULL AND v.first_at <= p.over_at
      AND v.first_at > p.since - make_interval(days => :days_before::int)
    GROUP BY p.member_id
), bought AS (
    SELECT p.member_id, coalesce(sum(b.amount - b.refunded) FILTER (WHERE b.purchased_at > p.since), 0) AS after,
           coalesce(sum(b.amount - b.refunded) FILTER (WHERE b.purchased_at <= p.since), 0) AS before
    FROM person p
    JOIN purchases b ON b.member_id = p.name
    WHERE p.is_over AND b.purchased_at <= p.over_at
      AND b.purchased_at > p.since - make_interval(days => :days_before::int)
    GROUP BY p.member_id
), given AS (
    SELECT p.member_id, bool_or(coalesce(o.state = 'sent', false)) AS is_delivered,
           bool_or(r.till_id IS NOT NULL) AS is_redeemed,
           bool_or(t.kind IN ('displayed', 'opened', 'clicked')) AS is_displayed,
           bool_or(t.kind IN ('opened', 'clicked')) AS is_opened
    FROM person p
    JOIN coupons c ON c.member_id = p.name AND c.campaign_id = :campaign_id
    LEFT JOIN outbox o ON (o.member_id, o.coupon_id) = (c.member_id, c.id) AND o.follow_up_step = 0
    LEFT JOIN redemptions r ON (r.member_id, r.coupon_id) = (c.member_id, c.id)
    LEFT JOIN message_receipts t ON (t.member_id, t.message_id) = (o.member_id, o.id)
    GROUP BY p.member_id
), each_member AS (
    SELECT u.version, u.program_percent, u.arm, u.is_over, g.member_id IS NOT NULL AS is_issued, g.is_delivered,
           g.is_displayed, g.is_opened, g.is_redeemed, coalesce(came.after, 0)::numeric AS visits, coalesce(came.before, 0)::numeric AS visits_before,
           coalesce(bought.after, 0)::numeric AS sales, coalesce(bought.before, 0)::numeric AS sales_before
    FROM unit u
    LEFT JOIN came USING (member_id)
    LEFT JOIN bought USING (member_id)
    LEFT JOIN given g USING (member_id)
)
SELECT version, program_percent, arm, count(*) AS assigned, count(*) FILTER (WHERE is_issued) AS issued,
       count(*) FILTER (WHERE is_delivered) AS delivered, count(*) FILTER (WHERE is_displayed) AS displayed,
       count(*) FILTER (WHERE is_opened) AS opened, count(*) FILTER (WHERE is_redeemed) AS redeemed,
       count(*) FILTER (WHERE is_over) AS measured,
       sum(visits) AS visits_y, sum(visits * visits) AS visits_yy, sum(visits_before) AS visits_x,
       sum(visits_before * visits_before) AS visits_xx, sum(visits * visits_before) AS visits_xy,
       sum(sales) AS sales_y, sum(sales * sales) AS sales_yy, sum(sales_before) AS sales_x,
       sum(sales_before * sales_before) AS sales_xx, sum(sales * sales_before) AS sales_xy
FROM each_member
GROUP BY version, program_percent, arm
ORDER BY version, program_percent, arm;
