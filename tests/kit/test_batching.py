"""The batcher: who runs with whom, in what order, and who is told what when something breaks."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.batching import Batcher, Overloaded, run_split
from kit.database import DatabaseUnavailable
from tests.support.waiting import PATIENCE_S, until


class Poisoned(Exception):
    pass


class Runner:
    """Doubles numbers; fails the whole list for a poisoned one, answers an exception for a refused one."""

    def __init__(self, poison: Sequence[int] = (), refused: Sequence[int] = ()) -> None:
        self.poison, self.refused = frozenset(poison), frozenset(refused)
        self.committed: list[list[int]] = []
        self.begun = 0
        self.may_run = asyncio.Event()
        self.may_run.set()

    async def __call__(self, commands: Sequence[int]) -> Sequence[int | Exception]:
        self.begun += 1
        await self.may_run.wait()
        if self.poison & set(commands):
            raise Poisoned
        self.committed.append(list(commands))
        return [ValueError(command) if command in self.refused else 2 * command for command in commands]


def outcome(result: int | Exception) -> object:
    return type(result) if isinstance(result, Exception) else result


@given(count=st.integers(0, 40), poison=st.sets(st.integers(0, 39)), refused=st.sets(st.integers(0, 39)))
async def test_only_the_poisonous_fail_whatever_the_list(count: int, poison: set[int], refused: set[int]) -> None:
    run = Runner(list(poison), list(refused))
    results = await run_split(run, range(count))
    expected = [Poisoned if n in poison else ValueError if n in refused else 2 * n for n in range(count)]
    assert [outcome(result) for result in results] == expected
    # Each good one was carried out once, in the order in which it stood.
    assert [n for batch in run.committed for n in batch] == [n for n in range(count) if n not in poison]


async def test_an_outage_is_split_only_where_it_does_not_concern_all() -> None:
    """A damaged page strikes the one command that reads it; a database that is away strikes all."""
    for concerns_all, expected in ((True, [DatabaseUnavailable] * 4), (False, [0, DatabaseUnavailable, 4, 6])):
        runs = 0

        async def run(commands: Sequence[int], concerns_all: bool = concerns_all) -> Sequence[int | Exception]:
            nonlocal runs
            runs += 1
            if 1 in commands:
                raise DatabaseUnavailable("DataCorruptedError", concerns_all=concerns_all)
            return [2 * command for command in commands]

        assert [outcome(result) for result in await run_split(run, range(4))] == expected
        assert (runs == 1) == concerns_all


async def test_one_poisonous_command_of_many_costs_a_logarithm_of_runs() -> None:
    run = Runner(poison=[300])
    await run_split(run, range(512))
    assert len(run.committed) == 9  # 2 ** 9 == 512: one good half at each cut


@pytest.mark.parametrize("error", [DatabaseUnavailable("away")])
async def test_an_outage_fails_all_alike_and_is_not_split(error: Exception) -> None:
    runs = 0

    async def run(commands: Sequence[int]) -> Sequence[int | Exception]:
        nonlocal runs
        runs += 1
        raise error

    assert await run_split(run, range(8)) == [error] * 8
    assert runs == 1


async def test_an_outage_between_the_halves_keeps_what_was_committed() -> None:
    async def run(commands: Sequence[int]) -> Sequence[int | Exception]:
        if len(commands) > 4:
            raise Poisoned
        if 4 in commands:
            raise DatabaseUnavailable("away")
        return list(commands)

    results = await run_split(run, range(8))
    assert results[:4] == [0, 1, 2, 3]
    assert [outcome(result) for result in results[4:]] == [DatabaseUnavailable] * 4


def batcher(run: Any, **options: Any) -> Batcher[int, int]:
    made: Batcher[int, int] = Batcher(run, name="test", key=lambda command: command % 100, **options)
    made.start()
    return made


@pytest.mark.parametrize(("runners", "lists"), [(1, [50]), (2, [25, 25]), (5, [16, 16, 16, 2])])
async def test_concurrent_commands_run_as_a_list_for_each_runner_unless_they_are_few(
    runners: int, lists: list[int]
) -> None:
    run = Runner(refused=[3])
    run.may_run.clear()
    made = batcher(run, runners=runners)
    answers = asyncio.gather(*(made.submit(n) for n in range(50)), return_exceptions=True)
    await until(lambda: run.begun == len(lists))
    run.may_run.set()
    results = await answers
    assert [outcome(result) for result in results] == [ValueError if n == 3 else 2 * n for n in range(50)]  # type: ignore[arg-type]
    assert [len(committed) for committed in run.committed] == lists
    await made.close()


async def test_commands_of_different_shards_never_run_together() -> None:
    run = Runner()
    run.may_run.clear()
    made = batcher(run, shard=lambda command: command % 3)
    answers = asyncio.gather(*(made.submit(n) for n in range(50)))
    await until(lambda: run.begun == 2)
    run.may_run.set()
    assert await answers == [2 * n for n in range(50)]
    assert [{n % 3 for n in committed} for committed in run.committed] == [{0}, {1}, {2}, {0}]
    await made.close()


async def test_a_list_is_never_longer_than_it_may_be() -> None:
    run = Runner()
    made = batcher(run, max_commands=7)
    await asyncio.gather(*(made.submit(n) for n in range(50)))
    assert max(map(len, run.committed)) == 7
    assert sum(map(len, run.committed)) == 50
    await made.close()


async def test_commands_of_one_key_run_one_after_the_other_in_their_order() -> None:
    running: set[int] = set()
    order: list[int] = []

    async def run(commands: Sequence[int]) -> Sequence[int | Exception]:
        keys = {command % 100 for command in commands}
        assert len(keys) == len(commands)
        assert not keys & running
        running.update(keys)
        await asyncio.sleep(0.001)
        running.difference_update(keys)
        order.extend(commands)
        return [2 * command for command in commands]

    made = batcher(run, runners=4, max_commands=3)
    commands = [key + 100 * turn for turn in range(10) for key in range(8)]
    assert await asyncio.gather(*(made.submit(command) for command in commands)) == [2 * n for n in commands]
    for key in range(8):
        assert [n for n in order if n % 100 == key] == [n for n in commands if n % 100 == key]
    await made.close()


async def test_a_failed_command_lets_the_next_of_its_key_go() -> None:
    made = batcher(Runner(poison=[1]))
    results = await asyncio.gather(made.submit(1), made.submit(101), made.submit(201), return_exceptions=True)
    assert [outcome(result) for result in results] == [Poisoned, 202, 402]  # type: ignore[arg-type]
    await made.close()


async def test_a_caller_who_went_away_harms_nobody() -> None:
    run = Runner()
    run.may_run.clear()
    made = batcher(run)
    tasks = [asyncio.create_task(made.submit(n)) for n in (1, 2, 101, 201)]
    await asyncio.sleep(0.01)
    tasks[0].cancel()  # is running
    tasks[2].cancel()  # waits behind it
    await asyncio.sleep(0)
    run.may_run.set()
    assert [await tasks[1], await tasks[3]] == [4, 402]
    assert sorted(n for batch in run.committed for n in batch) == [1, 2, 101, 201]  # what was sent in is carried out
    assert await asyncio.wait_for(made.submit(301), PATIENCE_S) == 602
    await made.close()


async def test_too_many_waiting_are_refused_until_some_are_answered() -> None:
    run = Runner()
    run.may_run.clear()
    made = batcher(run, max_waiting=5)
    tasks = [asyncio.create_task(made.submit(n)) for n in (1, 2, 3, 101, 201)]  # held ones count too
    await asyncio.sleep(0.01)
    with pytest.raises(Overloaded):
        await made.submit(4)
    run.may_run.set()
    await asyncio.gather(*tasks)
    assert await made.submit(4) == 8
    await made.close()


async def test_close_finishes_what_was_sent_in_and_takes_no_more() -> None:
    run = Runner()
    run.may_run.clear()
    made = batcher(run, max_commands=2, runners=3)
    tasks = [asyncio.create_task(made.submit(n)) for n in (1, 2, 3, 101, 201, 301)]
    await asyncio.sleep(0.01)
    closing = asyncio.create_task(made.close())
    await asyncio.sleep(0.01)
    with pytest.raises(Overloaded):
        await made.submit(5)
    assert not closing.done()
    run.may_run.set()
    await asyncio.wait_for(closing, PATIENCE_S)
    assert await asyncio.gather(*tasks) == [2, 4, 6, 202, 402, 602]


async def test_close_of_an_idle_batcher_returns() -> None:
    made = batcher(Runner(), runners=3)
    await asyncio.sleep(0)
    await asyncio.wait_for(made.close(), PATIENCE_S)


async def test_an_outage_is_told_to_every_waiting_caller() -> None:
    async def run(commands: Sequence[int]) -> Sequence[int | Exception]:
        raise DatabaseUnavailable("away")

    made = batcher(run)
    results = await asyncio.gather(*(made.submit(n) for n in range(20)), return_exceptions=True)
    assert {type(result) for result in results} == {DatabaseUnavailable}
    await made.close()


async def test_a_list_that_answers_too_few_is_told_to_its_callers_and_not_run_again() -> None:
    runs = 0

    async def run(commands: Sequence[int]) -> Sequence[int | Exception]:
        nonlocal runs
        runs += 1
        return [2 * command for command in commands if command != 3]

    made = batcher(run)
    results = await asyncio.wait_for(
        asyncio.gather(*(made.submit(n) for n in range(6)), return_exceptions=True), PATIENCE_S
    )
    assert {type(result) for result in results} == {RuntimeError}
    assert runs == 1  # it may have been committed
    assert await asyncio.wait_for(made.submit(7), PATIENCE_S) == 14
    await made.close()


async def test_asyncpgs_errors_split_a_list_like_any_other() -> None:
    async def run(commands: Sequence[int]) -> Sequence[int | Exception]:
        if 5 in commands:
            raise asyncpg.ForeignKeyViolationError("no such member")
        return list(commands)

    results = await run_split(run, range(8))
    assert [n for n, result in enumerate(results) if isinstance(result, Exception)] == [5]
