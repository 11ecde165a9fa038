"""Compare and swap: what the loser does, and how a removed fence is told from one that is not known yet."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo import presences_repository
from geo.fix import Fix
from geo.presences_repository import PresenceSwap
from geo.transition import NewTransitionRecord
from ids import DeviceId
from kit.database import Connection, DatabaseUnavailable, Pool, open_pool, transact
from kit.shards import ONE_SHARD, Shards
from server.locations import locate as flow
from server.locations.locate import MAX_TRIES, LocateCommand, LocateResult, locate
from server.locations.sweep import sweep_all
from server.problems import Problem
from server.runtime.snapshot_keeper import SnapshotKeeper
from tests.support.answers import expect_located
from tests.support.pretended_shards import EIGHT
from tests.support.shop import NOON, Shop, Shopper, at, fix
from tests.support.uploads import Upload, expected_transitions, seen_transitions

FAR_M = 400.0
Interrupt = Callable[[], Awaitable[object]]


@pytest_asyncio.fixture
async def rival(database: str) -> AsyncIterator[Pool]:
    """Another process's pool."""
    opened = await open_pool(database)
    yield opened
    opened.terminate()


def interrupt_swaps(monkeypatch: pytest.MonkeyPatch, pool: Pool, turns: Sequence[Interrupt]) -> list[int]:
    """Let another process in between the read and the write of the first swaps; answers a list of the tries."""
    waiting = list(turns)
    tries: list[int] = []

    async def swap(
        conn: Connection, swaps: Sequence[PresenceSwap], moves: Sequence[NewTransitionRecord] = ()
    ) -> set[DeviceId]:
        if conn._con in {holder._con for holder in pool._holders}:  # type: ignore[attr-defined,union-attr]
            tries.append(len(swaps))
            if waiting:
                await waiting.pop(0)()
        return await presences_repository.swap_presences(conn, swaps, moves)

    monkeypatch.setattr(flow, "swap_presences", swap)
    return tries


async def test_the_loser_reads_and_computes_again(shop: Shop, rival: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.write_campaign()
    keeper = await shop.keeper()
    (shopper,) = await shop.enrol()

    async def other_process() -> None:
        (answer,) = await locate(rival, keeper, [shopper.sends(fix(NOON))])
        assert expect_located(answer).accepted == 1

    tries = interrupt_swaps(monkeypatch, shop.pool, [other_process])
    (answer,) = await locate(shop.pool, keeper, [shopper.sends(fix(at(-5), away_m=FAR_M), fix(at(5)))])
    # Of ours the older fix is late by now, and the enter is the other's.
    assert answer == LocateResult(accepted=1, late=1)
    assert tries == [1, 1]
    assert [await shop.count(table) for table in ("transitions", "coupons")] == [1, 1]


async def test_who_loses_three_times_is_asked_to_come_again(
    shop: Shop, rival: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = await shop.keeper()
    unlucky, lucky = await shop.enrol(2)
    clock = iter(range(100))

    async def other_process() -> None:
        await locate(rival, keeper, [unlucky.sends(fix(at(next(clock)), away_m=FAR_M))])

    tries = interrupt_swaps(monkeypatch, shop.pool, [other_process] * MAX_TRIES)
    answers = await locate(shop.pool, keeper, [unlucky.sends(fix(at(1000))), lucky.sends(fix(at(1000)))])
    problem, located = answers
    assert isinstance(problem, Problem)
    assert (problem.status, problem.retry_after_s) == (503, 1)
    assert expect_located(located).accepted == 1  # won at the first try
    assert tries == [2, 1, 1]
    assert await shop.count("transitions") == 1
    assert await flow_again(shop, keeper, unlucky) == 1


async def flow_again(shop: Shop, keeper: SnapshotKeeper, shopper: Shopper) -> int:
    (answer,) = await locate(shop.pool, keeper, [shopper.sends(fix(at(1000)))])
    return expect_located(answer).accepted


async def test_a_loser_keeps_its_place_before_the_devices_next_command(
    shop: Shop, rival: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = await shop.keeper()
    (shopper,) = await shop.enrol()

    async def other_process() -> None:
        await locate(rival, keeper, [shopper.sends(fix(at(0), away_m=FAR_M))])

    interrupt_swaps(monkeypatch, shop.pool, [other_process])
    answers = await locate(shop.pool, keeper, [shopper.sends(fix(at(10), away_m=FAR_M)), shopper.sends(fix(at(20)))])
    assert [expect_located(answer).accepted for answer in answers] == [1, 1]


async def kinds(shop: Shop) -> list[tuple[str, str]]:
    return [(row["kind"], row["cause"]) for row in await shop.rows("transitions", "received_at, id")]


async def test_a_fence_removed_around_somebody_ends_the_stay_and_no_campaign_hears_of_it(shop: Shop) -> None:
    await shop.write_campaign("exit")
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON)))
    await shop.remove_fence(shop.fences[0])
    # A stale snapshot is made anew before the fence is taken as removed.
    assert (await shop.locate(shopper.sends(fix(at(60)))))[0].coupons == []
    assert await kinds(shop) == [("enter", "first_fix"), ("exit", "fence_removed")]
    assert await shop.count("decisions") == 0
    assert [await shop.count("coupons"), await shop.count("outbox")] == [0, 0]
    await shop.locate(shopper.sends(fix(at(120))))
    assert len(await kinds(shop)) == 2


async def test_an_exit_through_the_door_is_heard(shop: Shop) -> None:
    """The other half of the test above: it could hold for an exit that nobody ever hears."""
    await shop.write_campaign("exit")
    (shopper,) = await shop.enrol()
    away = [fix(at(seconds), away_m=FAR_M) for seconds in (60, 120, 200)]
    (located,) = await shop.locate(shopper.sends(fix(NOON), *away))
    assert len(located.coupons) == 1


async def test_a_fence_that_we_have_not_heard_of_is_not_taken_as_removed(shop: Shop, rival: Pool) -> None:
    stale = await shop.keeper()
    (shopper,) = await shop.enrol()
    await shop.draw_fence(1)
    keeper = SnapshotKeeper(rival)
    await keeper.refresh()
    await locate(rival, keeper, [shopper.sends(fix(NOON, 1))])
    (answer,) = await locate(shop.pool, stale, [shopper.sends(fix(at(60), 1))])
    assert expect_located(answer).accepted == 1
    assert await kinds(shop) == [("enter", "first_fix"), ("enter", "first_fix")]  # two fences lie there now


@pytest.mark.parametrize("interruptions", [1, 2])
async def test_nor_when_it_was_entered_between_our_tries(
    shop: Shop, rival: Pool, monkeypatch: pytest.MonkeyPatch, interruptions: int
) -> None:
    """A swap lost to a process that knows a newer fence says nothing about the fence."""
    stale = await shop.keeper()
    (shopper,) = await shop.enrol()
    clock = iter(range(100))

    async def other_process() -> None:
        await shop.draw_fence(1)
        keeper = SnapshotKeeper(rival)
        await keeper.refresh()
        await locate(rival, keeper, [shopper.sends(fix(at(next(clock)), 1))])

    interrupt_swaps(monkeypatch, shop.pool, [other_process] * interruptions)
    (answer,) = await locate(shop.pool, stale, [shopper.sends(fix(at(200), 1))])
    assert isinstance(answer, LocateResult | Problem)
    assert "fence_removed" not in {cause for _, cause in await kinds(shop)}


async def test_nor_when_the_catalogue_cannot_be_read(shop: Shop, rival: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = await shop.keeper()
    (shopper,) = await shop.enrol()
    await shop.draw_fence(1)
    keeper = SnapshotKeeper(rival)
    await keeper.refresh()
    await locate(rival, keeper, [shopper.sends(fix(NOON, 1))])

    async def fail(conn: Connection) -> None:
        raise DatabaseUnavailable("away for a moment")

    monkeypatch.setattr(stale, "_read_changes", fail)
    (answer,) = await locate(shop.pool, stale, [shopper.sends(fix(at(60), 1))])
    assert isinstance(answer, DatabaseUnavailable)
    assert "fence_removed" not in {cause for _, cause in await kinds(shop)}
    monkeypatch.undo()
    (answer,) = await locate(shop.pool, stale, [shopper.sends(fix(at(60), 1))])
    assert expect_located(answer).accepted == 1


# For each of two processes the uploads, as (phone, second) lists; the place of a fix is chosen by its second.
SCHEDULES = st.lists(
    st.lists(st.tuples(st.integers(0, 2), st.lists(st.integers(0, 60), min_size=1, max_size=4)), max_size=8),
    min_size=2,
    max_size=3,
)


@given(schedules=SCHEDULES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_schedule_of_several_processes_equals_one_process(
    shop: Shop, rival: Pool, schedules: list[list[tuple[int, list[int]]]]
) -> None:
    await shop.write_campaign()
    phones = await shop.enrol(3)
    keeper = await shop.keeper()

    async def follow(number: int, schedule: list[tuple[int, list[int]]]) -> list[Upload]:
        won = []
        for phone, minutes in schedule:
            upload = Upload(phones[phone], [a_fix(minute) for minute in minutes])
            if await send_until_taken((shop.pool, rival)[number % 2], keeper, upload.shopper.sends(*upload.fixes)):
                won.append(upload)
        return won

    won = [each for one in await asyncio.gather(*(follow(*each) for each in enumerate(schedules))) for each in one]
    rows = await shop.rows("transitions")
    for phone in phones:
        own = [upload for upload in won if upload.shopper == phone]
        assert seen_transitions(rows, phone) == expected_transitions(shop, own, NOON + timedelta(days=1))


def a_fix(minute: int) -> Fix:
    return fix(at(60 * minute), minute % 3 % 2, away_m=FAR_M * (minute % 5 == 0))


async def send_until_taken(pool: Pool, keeper: SnapshotKeeper, command: LocateCommand) -> int:
    while True:
        (answer,) = await locate(pool, keeper, [command])
        if isinstance(answer, LocateResult):
            return answer.accepted
        assert isinstance(answer, Problem)
        assert answer.status == 503


async def test_a_fence_redrawn_elsewhere_is_not_judged_by_the_former_drawing(shop: Shop, rival: Pool) -> None:
    """A process that has not heard of the new one would see a phone in it far outside."""
    stale = await shop.keeper()
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON, away_m=FAR_M)))
    await shop.move_fence(shop.fences[0], FAR_M)
    keeper = SnapshotKeeper(rival)
    await keeper.refresh()
    await locate(rival, keeper, [shopper.sends(fix(at(60), away_m=FAR_M))])
    (answer,) = await locate(shop.pool, stale, [shopper.sends(fix(at(120), away_m=FAR_M))])
    assert expect_located(answer).accepted == 1
    assert await kinds(shop) == [("enter", "fix")]


async def test_nor_by_the_sweeper(shop: Shop, rival: Pool) -> None:
    stale = await shop.keeper()
    (shopper,) = await shop.enrol()
    await shop.move_fence(shop.fences[0], FAR_M)
    keeper = SnapshotKeeper(rival)
    await keeper.refresh()
    await locate(rival, keeper, [shopper.sends(fix(NOON, away_m=FAR_M))])
    await sweep_all(shop.pool, stale, at(86_400))
    assert await kinds(shop) == [("enter", "first_fix"), ("dwell", "silence")]


@pytest.mark.parametrize("shards", [ONE_SHARD, EIGHT], ids=["one machine", "spread"])
async def test_what_nobody_decides_on_is_recorded_with_the_swap_where_the_database_is_not_spread(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, shards: Shards
) -> None:
    monkeypatch.setattr(flow, "shards_of", lambda _: shards)
    transactions: list[object] = []

    async def note(conn: Connection, work: Callable[[Connection], Awaitable[None]]) -> None:
        transactions.append(work)
        await transact(conn, work)

    monkeypatch.setattr(flow, "transact", note)
    inside, outside = await shop.enrol(2)
    await shop.locate(inside.sends(fix(NOON), received_at=at(1)), outside.sends(fix(NOON, away_m=FAR_M)))
    (row,) = await shop.rows("transitions")
    assert (row["member_id"], row["device_id"]) == (inside.member_id, inside.device_id)
    assert (row["program_id"], row["store_id"]) == (shop.program.id, shop.stores[0].id)
    assert (row["geofence_id"], row["minutes"]) == (shop.fences[0].geofence_id, None)
    assert (row["kind"], row["cause"], row["event_at"], row["received_at"]) == ("enter", "first_fix", NOON, at(1))
    assert len(transactions) == (shards is EIGHT)
