"""Undoing a till's scan: its evidence is marked and stays, and its visit comes to what is left."""

from collections.abc import Sequence
from datetime import datetime

from ids import CouponId, MemberId, ScanId, TillId
from kit.database import Connection
from kit.sql import load_queries
from visits.evidence import TillScan
from visits.trust import TRUST_LEVELS, Trust, level
from visits.visit import LockedVisit

QUERIES = load_queries(__file__, "undoing.sql")


async def find_till_scan(conn: Connection, member_id: MemberId, scan_id: ScanId, till_id: TillId) -> TillScan | None:
    row = await conn.fetchrow(QUERIES.find_till_scan, member_id, scan_id, till_id)
    return TillScan(**row) if row else None


async def has_newer_scan(conn: Connection, scan: TillScan, till_id: TillId) -> bool:
    """Whether the till has scanned since, and not undone it."""
    return await conn.fetchval(QUERIES.find_newer_scan, scan.store_id, scan.id, till_id, scan.at) is not None


async def mark_undone(conn: Connection, scan: TillScan, now: datetime) -> bool:
    """False where somebody else has undone it; then that has been committed. `store_undo_result` follows."""
    return await conn.fetchval(QUERIES.mark_undone, scan.member_id, scan.id, now) is not None


async def store_undo_result(conn: Connection, scan: TillScan, answer: str) -> None:
    await conn.execute(QUERIES.store_undo_result, scan.member_id, scan.id, answer)


async def lock_visit(conn: Connection, scan: TillScan) -> LockedVisit:
    """The visit of a scan, locked until the commit."""
    held = await conn.fetchrow(QUERIES.lock_visit, *scan.visit.key)
    left = await conn.fetchrow(QUERIES.read_remaining_evidence, *scan.visit.key)
    assert held is not None
    assert left is not None
    trust = None if left["trust"] is None else TRUST_LEVELS[left["trust"]]
    return LockedVisit(TRUST_LEVELS[held["trust"]], held["earning_round"], trust, left["first_at"])


async def read_duplicate_trust(conn: Connection, scan: TillScan, names: Sequence[MemberId]) -> Trust | None:
    """What the same visit comes to under other names of the member; None: it was made under none of them."""
    found = await conn.fetchval(QUERIES.read_duplicate_trust, names, scan.store_id, scan.business_day)
    return None if found is None else TRUST_LEVELS[found]


async def lower_visit(conn: Connection, scan: TillScan, visit: LockedVisit, now: datetime, *, earns_anew: bool) -> None:
    """Let it come to what is left. `earns_anew`: what it earned is taken back."""
    trust = None if visit.remaining_trust is None else level(visit.remaining_trust)
    member_id, store_id, business_day = scan.visit.key
    await conn.execute(
        *QUERIES.lower_visit(
            member_id=member_id,
            store_id=store_id,
            business_day=business_day,
            trust=trust,
            first_at=visit.remaining_first_at,
            now=now,
            added_rounds=int(earns_anew),
        )
    )


async def list_coupons_of_visit(conn: Connection, scan: TillScan) -> list[CouponId]:
    """What any evidence on it has issued, of visits and of full stamp cards."""
    return [row["id"] for row in await conn.fetch(QUERIES.list_coupons_of_visit, *scan.visit.key)]
