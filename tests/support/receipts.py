"""Whether what stands holds its receipt, and nothing else does: told by the rows, not by the flows."""

from tests.support.shop import Shop

# Each line counts what must not be.
_FAULTS = {
    "a purchase that stands holds no receipt": """
        SELECT count(*) FROM purchases p WHERE p.fully_refunded_at IS NULL AND NOT EXISTS (
            SELECT FROM receipts r
            WHERE (r.kind, r.member_id, r.source_id) = ('purchase', p.member_id, p.id) AND r.released_at IS NULL)""",
    "points that stand as spent hold no receipt": """
        SELECT count(*) FROM spends s WHERE s.voided < s.points AND NOT EXISTS (
            SELECT FROM receipts r
            WHERE (r.kind, r.member_id, r.source_id) = ('spend', s.member_id, s.id) AND r.released_at IS NULL)""",
    "a receipt is held by what was taken back": """
        SELECT count(*) FROM receipts r
        LEFT JOIN purchases p ON (p.member_id, p.id) = (r.member_id, r.source_id) AND p.fully_refunded_at IS NULL
        LEFT JOIN spends s ON (s.member_id, s.id) = (r.member_id, r.source_id) AND s.voided < s.points
        WHERE r.kind <> 'refund' AND r.released_at IS NULL AND p.id IS NULL AND s.id IS NULL""",
    "a bill is not what its parts hold": """
        SELECT count(*) FROM bills b
        FULL JOIN (
            SELECT r.store_id, r.receipt_hash, count(*) AS holders, sum(p.amount - p.refunded) AS held
            FROM receipts r
            JOIN purchases p ON (p.member_id, p.id) = (r.member_id, r.source_id)
            WHERE r.kind = 'purchase' AND r.released_at IS NULL
            GROUP BY r.store_id, r.receipt_hash
        ) h ON (h.store_id, h.receipt_hash) = (b.store_id, b.receipt_hash)
        WHERE (b.holders, b.held) IS DISTINCT FROM (h.holders, h.held)""",
    "what was given back of points is not what was posted": """
        SELECT count(*) FROM spends s
        JOIN point_postings p ON p.member_id = s.member_id AND p.source_key = 'spend:' || s.id
        WHERE -p.points <> s.points OR s.voided <> (
            SELECT coalesce(sum(v.points - v.owed_change), 0) FROM point_postings v
            WHERE (v.member_id, v.reverses) = (p.member_id, p.id))""",
}


async def expect_what_stands_holds(shop: Shop) -> None:
    for fault, query in _FAULTS.items():
        assert await shop.pool.fetchval(query) == 0, fault
