"""Reading what is known of some persons: one query a kind of rows, and only the kinds that a rehearsal asks for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from coupons.campaigns.timed_triggers import Lapsed
from coupons.campaigns.triggers import TRIGGERS, event_of
from ids import MemberId
from kit.database import Connection
from kit.sql import load_queries
from server.rehearsals.history import (
    Bought,
    Consent,
    CouponLife,
    FullCard,
    History,
    Piece,
    Posting,
    RankChange,
    Stamp,
    Step,
    Visit,
)
from server.rehearsals.past_events import Window
from server.rehearsals.staging import Stage

QUERIES = load_queries(__file__, "histories.sql")
R = TypeVar("R")
_NOTHING_BROUGHT: dict[str, Any] = {"brought_visits": 0, "brought_first_on": None, "brought_last_on": None}


class Persons(msgspec.Struct, frozen=True):
    """`of_name`: who each of the members is now whose rows are theirs."""

    of_name: Mapping[MemberId, MemberId]
    histories: Mapping[MemberId, History]

    @property
    def names(self) -> list[MemberId]:
        return sorted(self.of_name)


async def read_persons(conn: Connection, stage: Stage, member_ids: Sequence[MemberId], window: Window) -> Persons:
    """With what has happened to them; what audiences ask for is read by `read_books`."""
    names = {row["name"]: row["member_id"] for row in await conn.fetch(QUERIES.list_names, member_ids)}
    brought = await conn.fetch(QUERIES.sum_brought, list(names.values()), list(names))
    of_before = {row["member_id"]: dict(row) for row in brought}
    rows = await conn.fetch(QUERIES.list_persons, member_ids)
    histories = {
        row["member_id"]: History(**(_NOTHING_BROUGHT | of_before.get(row["member_id"], {}) | dict(row)))
        for row in rows
    }
    persons = Persons(names, histories)
    trigger = stage.campaign.trigger
    kind = event_of(trigger.kind)
    if TRIGGERS[kind].recorded_with == "transition":
        steps = await conn.fetch(QUERIES.list_steps, persons.names, window.from_at, window.to_at, kind)
        _share_out(persons, steps, Step, lambda history: history.steps, without=("kind",))
    elif kind == "visit":
        pieces = await conn.fetch(QUERIES.list_evidence, persons.names, window.evidence_from)
        _share_out(persons, pieces, Piece, lambda history: history.evidence)
    if isinstance(trigger, Lapsed):
        await _read_consents(conn, persons, persons.names)
    if isinstance(trigger, Lapsed) or stage.counts_visits:
        await _read_visits(conn, persons, persons.names)
    return persons


async def read_books(
    conn: Connection, stage: Stage, persons: Persons, concerned: Iterable[MemberId], from_at: datetime
) -> None:
    """What the audiences ask for, of those to whom something has happened."""
    wanted = set(concerned)
    names = sorted(name for name, member_id in persons.of_name.items() if member_id in wanted)
    if not names or not stage.audiences:
        return
    books = stage.books
    if not isinstance(stage.campaign.trigger, Lapsed):
        await _read_consents(conn, persons, names)
    if books.visits and not (isinstance(stage.campaign.trigger, Lapsed) or stage.counts_visits):
        await _read_visits(conn, persons, names)
    if books.purchases:
        rows = await conn.fetch(QUERIES.list_purchases, names)
        _share_out(persons, rows, Bought, lambda history: history.purchases)
    if books.points:
        rows = await conn.fetch(QUERIES.list_postings, names, from_at)
        _share_out(persons, rows, Posting, lambda history: history.postings)
    if books.ranks:
        rows = await conn.fetch(QUERIES.list_rank_changes, names, from_at)
        _share_out(persons, rows, RankChange, lambda history: history.rank_changes)
    if books.stamps:
        rows = await conn.fetch(QUERIES.list_stamps, names)
        _share_out(persons, rows, Stamp, lambda history: history.stamps)
        rows = await conn.fetch(QUERIES.list_full_cards, names)
        _share_out(persons, rows, FullCard, lambda history: history.full_cards)
    if books.coupons:
        rows = await conn.fetch(QUERIES.list_coupons, names)
        _share_out(persons, rows, CouponLife, lambda history: history.coupons)


async def _read_consents(conn: Connection, persons: Persons, names: Sequence[MemberId]) -> None:
    rows = await conn.fetch(QUERIES.list_consents, names)
    _share_out(persons, [row for row in rows if row["name"] in persons.histories], Consent, lambda each: each.consents)


async def _read_visits(conn: Connection, persons: Persons, names: Sequence[MemberId]) -> None:
    """Two members of a person at one store on one day have made one visit."""
    made: dict[tuple[Any, ...], Any] = {}
    for row in await conn.fetch(QUERIES.list_visits, names):
        key = persons.of_name[row["name"]], row["store_id"], row["business_day"]
        held = made.get(key)
        first_at = row["first_at"] if held is None else min(row["first_at"], held.first_at)
        trust = row["trust"] if held is None else max(row["trust"], held.trust)
        made[key] = Visit(store_id=key[1], business_day=key[2], first_at=first_at, trust=trust)
    for (member_id, _, _), visit in made.items():
        persons.histories[member_id].visits.append(visit)


def _share_out(
    persons: Persons,
    rows: Iterable[Any],
    kind: Callable[..., R],
    where: Callable[[History], list[R]],
    without: Sequence[str] = (),
) -> None:
    for row in rows:
        fields = {name: value for name, value in row.items() if name != "name" and name not in without}
        where(persons.histories[persons.of_name[row["name"]]]).append(kind(**fields))
