"""Visits: one a member, store and business day, by key; whatever else speaks for it that day is evidence on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from ids import MemberId, ProgramId, ScanId, StoreId
from kit.database import Connection
from kit.ids import first_id_at
from kit.pages import PageRequest
from kit.sql import array_text, load_queries
from visits.evidence import Evidence, Scan, StoreScan
from visits.trust import TRUST_LEVELS, OtherStoreEvidence, SeenBefore, Trust, level
from visits.visit import EVERY_DAY, Days, MemberVisit, RecordedVisit, Visit, VisitKey

QUERIES = load_queries(__file__, "visits.sql")


async def find_seen_before(
    conn: Connection, visits: Sequence[Visit], since: Sequence[datetime], recent_since: Sequence[datetime]
) -> list[SeenBefore]:
    """Of the member of each visit, by what was recorded since that time, in order. `recent_since`: from when on
    it is recent.
    """
    rows = await conn.fetch(
        *QUERIES.find_recent_evidence(
            place=list(range(len(visits))),
            member_id=[visit.member_id for visit in visits],
            store_id=[visit.store_id for visit in visits],
            oldest_id=[first_id_at(moment) for moment in since],
            recent_id=[first_id_at(moment) for moment in recent_since],
        )
    )
    of: list[list[asyncpg.Record]] = [[] for _ in visits]
    for row in rows:
        of[row["place"]].append(row)
    return [
        SeenBefore(
            [OtherStoreEvidence(row["at"], row["distance_m"]) for row in seen if row["distance_m"] is not None],
            is_recent=any(row["is_recent"] for row in seen),
        )
        for seen in of
    ]


async def record_visits(conn: Connection, visits: Sequence[tuple[Visit, Trust]]) -> dict[VisitKey, RecordedVisit]:
    """Each visit once, with its minimal trust. Returns those that this changed.

    All of them are locked until the commit.
    """
    rows = await conn.fetch(
        *QUERIES.record_visits(
            member_id=[visit.member_id for visit, _ in visits],
            store_id=[visit.store_id for visit, _ in visits],
            business_day=[visit.business_day for visit, _ in visits],
            program_id=[visit.program_id for visit, _ in visits],
            first_at=[visit.first_at for visit, _ in visits],
            trust=[level(trust) for _, trust in visits],
        )
    )
    return {
        (row["member_id"], row["store_id"], row["business_day"]): RecordedVisit(
            None if row["former_trust"] is None else TRUST_LEVELS[row["former_trust"]],
            row["earning_round"],
            is_new=row["is_new"],
        )
        for row in rows
    }


async def insert_evidence(conn: Connection, evidence: Sequence[Evidence]) -> None:
    """The visits are locked (`record_visits`). Of what phones show alike that day the earliest is kept."""
    if scans := [piece for piece in evidence if piece.device_id is None]:
        columns = _columns_of(scans)
        await conn.execute(*QUERIES.insert_scans(till_id=[piece.till_id for piece in scans], **columns))
    earliest: dict[object, Evidence] = {}
    for piece in sorted((piece for piece in evidence if piece.device_id is not None), key=_at):
        earliest.setdefault((piece.visit.key, piece.kind, piece.trust), piece)
    if shown := list(earliest.values()):
        columns = _columns_of(shown)
        await conn.execute(*QUERIES.insert_shown(device_id=[piece.device_id for piece in shown], **columns))


def _columns_of(evidence: Sequence[Evidence]) -> dict[str, list[object]]:
    """But for what brought it."""
    return {
        "member_id": [piece.visit.member_id for piece in evidence],
        "id": [piece.id for piece in evidence],
        "store_id": [piece.visit.store_id for piece in evidence],
        "business_day": [piece.visit.business_day for piece in evidence],
        "kind": [piece.kind for piece in evidence],
        "trust": [level(piece.trust) for piece in evidence],
        "doubts": [array_text(piece.doubts) for piece in evidence],
        "coupon_ids": [array_text(piece.coupon_ids) for piece in evidence],
        "at": [piece.at for piece in evidence],
    }


def _at(piece: Evidence) -> datetime:
    return piece.at


async def list_visits_of_member(
    conn: Connection, member_ids: Sequence[MemberId], page: PageRequest, days: Days = EVERY_DAY
) -> list[MemberVisit]:
    """Newest first, of a member and all who became them."""
    rows = await conn.fetch(
        *QUERIES.list_visits_of_member(
            member_ids=member_ids,
            before=page.before,
            fetch_count=page.fetch_count,
            from_day=days.first,
            to_day=days.last,
        )
    )
    return [MemberVisit(**{**row, "trust": TRUST_LEVELS[row["trust"]]}) for row in rows]


async def list_scans_of_store(
    conn: Connection,
    program_id: ProgramId,
    store_id: StoreId,
    page: PageRequest,
    *,
    member_ids: Sequence[MemberId] | None = None,
    days: Days = EVERY_DAY,
) -> list[StoreScan]:
    """Newest first; `member_ids` narrows them to those of a member and all who became them."""
    rows = await conn.fetch(
        *QUERIES.list_scans_of_store(
            program_id=program_id,
            store_id=store_id,
            before=page.before,
            fetch_count=page.fetch_count,
            member_ids=member_ids,
            from_day=days.first,
            to_day=days.last,
        )
    )
    return [_store_scan(row) for row in rows]


async def list_scans_of_member(
    conn: Connection, member_ids: Sequence[MemberId], page: PageRequest, days: Days = EVERY_DAY
) -> list[StoreScan]:
    """Newest first, of a member and all who became them, at every store."""
    rows = await conn.fetch(
        *QUERIES.list_scans_of_member(
            member_ids=member_ids,
            before=page.before,
            fetch_count=page.fetch_count,
            from_day=days.first,
            to_day=days.last,
        )
    )
    return [_store_scan(row) for row in rows]


def _store_scan(row: Any) -> StoreScan:
    return StoreScan(**{**row, "trust": TRUST_LEVELS[row["trust"]]})


async def find_scan(conn: Connection, member_id: MemberId, scan_id: ScanId, store_id: StoreId) -> Scan | None:
    """A scan of that member's card at that store; None also where the member is not active any more."""
    row = await conn.fetchrow(QUERIES.find_scan, member_id, scan_id, store_id)
    return None if row is None else Scan(**row)
