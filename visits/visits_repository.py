"""Visits: one a member, store and business day, by key; every scan that day is evidence on it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from kit.database import Connection
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "visits.sql")

# `card_code` is the static code of versions before the rotating one: it proved no more than a number does.
EvidenceKind = Literal["rotating_code", "totp_code", "card_number", "card_code"]


class Visit(msgspec.Struct, frozen=True):
    member_id: UUID
    store_id: UUID
    business_day: date
    program_id: UUID
    first_at: datetime

    @property
    def key(self) -> tuple[UUID, UUID, date]:
        return self.member_id, self.store_id, self.business_day


class Evidence(msgspec.Struct, frozen=True):
    """One scan. `decisions`: campaign id -> `issued` or the reason why not."""

    id: UUID
    member_id: UUID
    store_id: UUID
    business_day: date
    kind: EvidenceKind
    till_id: UUID
    decisions: Mapping[str, str]
    at: datetime


class MemberVisit(msgspec.Struct, frozen=True):
    id: UUID
    store_id: UUID
    business_day: date
    first_at: datetime


class StoreScan(msgspec.Struct, frozen=True):
    id: UUID
    member_id: UUID
    store_id: UUID
    business_day: date
    kind: EvidenceKind
    at: datetime
    decisions: dict[UUID, str]


async def insert_visits(conn: Connection, visits: Sequence[Visit]) -> set[tuple[UUID, UUID, date]]:
    """Record them; return the keys of those that are the first of their business day."""
    rows = await conn.fetch(
        QUERIES.insert_visits,
        [visit.member_id for visit in visits],
        [visit.store_id for visit in visits],
        [visit.business_day for visit in visits],
        [visit.program_id for visit in visits],
        [visit.first_at for visit in visits],
    )
    return {(row["member_id"], row["store_id"], row["business_day"]) for row in rows}


async def begin_visits_earlier(conn: Connection, visits: Sequence[Visit]) -> None:
    """Of visits that are there: the first moment is the earlier one of what is recorded and what is given."""
    await conn.execute(
        QUERIES.begin_visits_earlier,
        [visit.member_id for visit in visits],
        [visit.store_id for visit in visits],
        [visit.business_day for visit in visits],
        [visit.program_id for visit in visits],
        [visit.first_at for visit in visits],
    )


async def insert_evidence(conn: Connection, evidence: Sequence[Evidence]) -> None:
    await conn.execute(
        QUERIES.insert_evidence,
        [piece.member_id for piece in evidence],
        [piece.id for piece in evidence],
        [piece.store_id for piece in evidence],
        [piece.business_day for piece in evidence],
        [piece.kind for piece in evidence],
        [piece.till_id for piece in evidence],
        [msgspec.json.encode(piece.decisions).decode() for piece in evidence],
        [piece.at for piece in evidence],
    )


async def list_visits_of_member(conn: Connection, member_ids: Sequence[UUID], page: PageRequest) -> list[MemberVisit]:
    """Newest first, of a member and all who became them."""
    rows = await conn.fetch(QUERIES.list_visits_of_member, member_ids, page.before, page.fetch_count)
    return [MemberVisit(**row) for row in rows]


async def list_scans_of_store(conn: Connection, program_id: UUID, store_id: UUID, page: PageRequest) -> list[StoreScan]:
    rows = await conn.fetch(QUERIES.list_scans_of_store, program_id, store_id, page.before, page.fetch_count)
    return [
        StoreScan(**{**row, "decisions": msgspec.json.decode(row["decisions"], type=dict[UUID, str])}) for row in rows
    ]
