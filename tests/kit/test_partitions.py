"""Partitions of days and weeks: made ahead, dropped whole, never losing a row that shall be kept."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import asyncpg
from hypothesis import given
from hypothesis import strategies as st

from coupons.issuing.decisions_repository import PARTITIONING as DAYS
from geo.transition import NewTransitionRecord
from geo.transitions_repository import PARTITIONING as WEEKS
from geo.transitions_repository import insert_transitions, maintain_transitions
from ids import DeviceId, GeofenceId, MemberId, ProgramId, StoreId
from kit.database import Connection, Pool, in_transaction
from kit.ids import new_id
from kit.partitions import Partitioning

DATES = st.dates(date(2020, 1, 1), date(2080, 1, 1))
PARTS = st.sampled_from([DAYS, WEEKS])
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
KEEP_DAYS = 90


@given(today=DATES, parts=PARTS)
def test_the_wanted_spans_hold_today_and_join_without_a_gap(today: date, parts: Partitioning) -> None:
    first_days = parts.wanted_days(today)
    assert len(first_days) == parts.ahead + 1
    assert parts.days == 1 or all(day.weekday() == 0 for day in first_days)
    spans = [parts.bounds(day) for day in first_days]
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
    assert spans[0][0] <= midnight < spans[0][1]
    assert all(before[1] == after[0] for before, after in pairwise(spans))


@given(today=DATES, parts=PARTS, spans_ago=st.integers(0, 600), keep_days=st.integers(1, 3650))
def test_a_span_goes_as_soon_as_its_last_day_may(
    today: date, parts: Partitioning, spans_ago: int, keep_days: int
) -> None:
    first_day = parts.wanted_days(today)[0] - timedelta(days=parts.days * spans_ago)
    youngest_row = first_day + timedelta(days=parts.days - 1)
    name = parts.name_of(first_day)
    is_gone = parts.outdated_names([name], today - timedelta(days=keep_days)) == [name]
    assert is_gone == ((today - youngest_row).days > keep_days)


def test_what_is_no_partition_of_a_date_is_never_dropped() -> None:
    names = ["transitions_default", "transitions_old", "transitions_"]
    assert WEEKS.outdated_names(names, date(2080, 1, 1)) == []


async def partitions(pool: Pool) -> set[str]:
    rows = await pool.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhparent"
        " WHERE c.relname = 'transitions'"
    )
    return {row["name"] for row in rows}


async def maintain(pool: Pool, now: datetime) -> None:
    await in_transaction(pool, lambda conn: maintain_transitions(conn, now, KEEP_DAYS))


async def add_transition(pool: Pool, received_at: datetime) -> UUID:
    row_id, member_id, program_id = new_id(), MemberId(new_id()), ProgramId(new_id())
    row = NewTransitionRecord(
        id=row_id,
        member_id=member_id,
        program_id=program_id,
        device_id=DeviceId(new_id()),
        store_id=StoreId(new_id()),
        geofence_id=GeofenceId(new_id()),
        kind="enter",
        cause="fix",
        event_at=received_at,
        received_at=received_at,
    )

    async def work(conn: Connection) -> None:
        await conn.execute(
            "INSERT INTO programs (id, code, name, created_at) VALUES ($1, $2, 'P', $3)",
            *(program_id, program_id.hex, NOW),
        )
        await conn.execute(
            "INSERT INTO members (member_id, program_id, state, locale, location_consent, push_consent, created_at)"
            " VALUES ($1, $2, 'active', 'ja', true, true, $3)",
            *(member_id, program_id, NOW),
        )
        await insert_transitions(conn, [row])

    await in_transaction(pool, work)
    return row_id


async def where_is(pool: Pool, row_id: UUID) -> str | None:
    name: str | None = await pool.fetchval("SELECT tableoid::regclass::text FROM transitions WHERE id = $1", row_id)
    return name


async def test_housekeeping_makes_the_coming_weeks_once(pool: Pool) -> None:
    await maintain(pool, NOW)
    expected = {WEEKS.name_of(monday) for monday in WEEKS.wanted_days(NOW.date())} | {"transitions_default"}
    assert await partitions(pool) == expected
    await maintain(pool, NOW)
    assert await partitions(pool) == expected
    assert await where_is(pool, await add_transition(pool, NOW)) == "transitions_20261116"
    assert await where_is(pool, await add_transition(pool, NOW + timedelta(weeks=9))) == "transitions_default"


async def test_old_weeks_are_dropped_with_their_rows_and_younger_ones_kept(pool: Pool) -> None:
    await maintain(pool, NOW)
    old = await add_transition(pool, NOW)
    later = NOW + timedelta(days=KEEP_DAYS + 3)  # the week's last day is 90 days ago
    await maintain(pool, later)
    assert await where_is(pool, old) is not None
    await maintain(pool, later + timedelta(days=2))
    assert await where_is(pool, old) is None
    assert "transitions_20261116" not in await partitions(pool)


async def test_rows_that_came_before_their_partition_hinder_nothing_and_are_kept(pool: Pool) -> None:
    """The first locations after a migration, or all of a month in which no worker ran."""
    early = [await add_transition(pool, NOW), await add_transition(pool, NOW + timedelta(weeks=1))]
    for _ in range(2):
        await maintain(pool, NOW)
        assert [await where_is(pool, row) for row in early] == ["transitions_default"] * 2
    # The other weeks got theirs.
    assert len(await partitions(pool)) == WEEKS.ahead + 2 - len(early)
    assert await where_is(pool, await add_transition(pool, NOW + timedelta(weeks=2))) == "transitions_20261130"


async def test_rows_of_the_default_partition_grow_old_too(pool: Pool) -> None:
    stray = await add_transition(pool, NOW - timedelta(weeks=40))
    kept = await add_transition(pool, NOW - timedelta(days=KEEP_DAYS - 1))
    await maintain(pool, NOW)
    assert await where_is(pool, stray) is None
    assert await where_is(pool, kept) == "transitions_default"


async def test_two_workers_that_keep_house_at_once_do_it_once(pool: Pool, database: str) -> None:
    other = await asyncpg.create_pool(database, min_size=1, max_size=1)
    await maintain(pool, NOW)
    await maintain(other, NOW)
    await other.close()
    assert len(await partitions(pool)) == WEEKS.ahead + 2
