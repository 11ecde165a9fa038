"""Undoing a till's scan: its evidence is marked and stays, and its visit comes to what is left."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from kit.database import Connection
from kit.sql import load_queries
from visits.trust import TRUSTS, Trust, level
from visits.visits_repository import Visit

QUERIES = load_queries(__file__, "undoing.sql")


class TillScan(msgspec.Struct, frozen=True):
    """`undoing`: the answer to its undo; None: it stands."""

    id: UUID
    member_id: UUID
    store_id: UUID
    business_day: date
    program_id: UUID
    at: datetime
    undoing: str | None

    @property
    def visit(self) -> Visit:
        return Visit(self.member_id, self.store_id, self.business_day, self.program_id, self.at)


class HeldVisit(msgspec.Struct, frozen=True):
    """A visit under its lock. `left`: what its standing evidence comes to; None: nothing stands."""

    trust: Trust
    earning_round: int
    left: Trust | None
    left_first_at: datetime | None

    def loses(self, least: Trust) -> bool:
        """Whether what is left is not enough any more for what asked for `least`."""
        return self.left is None or level(self.left) < level(least) <= level(self.trust)


async def find_till_scan(conn: Connection, member_id: UUID, scan_id: UUID, till_id: UUID) -> TillScan | None:
    row = await conn.fetchrow(QUERIES.find_till_scan, member_id, scan_id, till_id)
    return TillScan(**row) if row else None


async def has_newer_scan(conn: Connection, scan: TillScan, till_id: UUID) -> bool:
    """Whether the till has scanned since, and not undone it."""
    return await conn.fetchval(QUERIES.find_newer_scan, scan.store_id, scan.id, till_id, scan.at) is not None


async def mark_undone(conn: Connection, scan: TillScan, now: datetime) -> bool:
    """False where somebody else has undone it; then that has been committed. `keep_answer` follows."""
    return await conn.fetchval(QUERIES.mark_undone, scan.member_id, scan.id, now) is not None


async def keep_answer(conn: Connection, scan: TillScan, answer: str) -> None:
    await conn.execute(QUERIES.keep_answer, scan.member_id, scan.id, answer)


async def lock_visit(conn: Connection, scan: TillScan) -> HeldVisit:
    """The visit of a scan, locked until the commit."""
    held = await conn.fetchrow(QUERIES.lock_visit, *scan.visit.key)
    left = await conn.fetchrow(QUERIES.read_standing, *scan.visit.key)
    assert held is not None
    assert left is not None
    trust = None if left["trust"] is None else TRUSTS[left["trust"]]
    return HeldVisit(TRUSTS[held["trust"]], held["earning_round"], trust, left["first_at"])


async def read_duplicate_trust(conn: Connection, scan: TillScan, names: Sequence[UUID]) -> Trust | None:
    """What the same visit comes to under other names of the member; None: it was made under none of them."""
    found = await conn.fetchval(QUERIES.read_duplicate_trust, names, scan.store_id, scan.business_day)
    return None if found is None else TRUSTS[found]


async def lower_visit(conn: Connection, scan: TillScan, visit: HeldVisit, now: datetime, *, earns_anew: bool) -> None:
    """Let it come to what is left. `earns_anew`: what it earned is taken back."""
    trust = None if visit.left is None else level(visit.left)
    member_id, store_id, business_day = scan.visit.key
    await conn.execute(
        *QUERIES.lower_visit(
            member_id=member_id,
            store_id=store_id,
            business_day=business_day,
            trust=trust,
            first_at=visit.left_first_at,
            now=now,
            added_rounds=int(earns_anew),
        )
    )


async def list_coupons_of_visit(conn: Connection, scan: TillScan) -> list[UUID]:
    """What any evidence on it has issued, of visits and of full stamp cards."""
    return [row["id"] for row in await conn.fetch(QUERIES.list_coupons_of_visit, *scan.visit.key)]


async def list_purchases_of_scan(conn: Connection, scan: TillScan) -> dict[UUID, str]:
    """Their receipts' numbers by the purchases' ids."""
    rows = await conn.fetch(QUERIES.list_purchases_of_scan, scan.member_id, scan.id)
    return {row["id"]: row["receipt"] for row in rows}


async def free_receipt(conn: Connection, store_id: UUID, receipt_hash: bytes, purchase_id: UUID) -> None:
    """Let the store send it again, with another card."""
    await conn.execute(QUERIES.free_receipt, store_id, receipt_hash, purchase_id)
