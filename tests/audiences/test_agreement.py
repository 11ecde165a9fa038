"""The two evaluators give the same answer: on random trees, of members with random books, in a real database."""

import asyncio
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audiences import tree as t
from audiences.attributes import AttributeDefinition, Definitions
from audiences.compile_sql import compile_tree
from audiences.counting_repository import (
    count_audience,
    count_in_time,
    count_judged,
    find_some,
    foresee,
    judge_members,
)
from audiences.evaluate import judge_of
from audiences.moment import Moment
from audiences.views import needs_of
from audiences.views_repository import read_views
from ids import AudienceId
from kit.database import Pool
from tests.support.audience_books import NOW, PROGRAM, TOKYO, write_books
from tests.support.audience_trees import some_tree

DEFINITIONS: Definitions = {
    each.key: each
    for each in (
        AttributeDefinition(
            key="gender", kind="one_of", choices=frozenset({"female", "male"}), is_profiling=True, is_own=False
        ),
        AttributeDefinition(key="city", kind="text", is_profiling=False, is_own=False),
        AttributeDefinition(
            key="prefecture", kind="one_of", choices=frozenset("123"), is_profiling=False, is_own=False
        ),
        AttributeDefinition(
            key="locale", kind="one_of", choices=frozenset({"ja", "en"}), is_profiling=False, is_own=False
        ),
        AttributeDefinition(key="size", kind="number", is_profiling=False, is_own=True),
        AttributeDefinition(key="since", kind="date", is_profiling=True, is_own=True),
        AttributeDefinition(key="vegan", kind="yes_no", is_profiling=True, is_own=True),
        AttributeDefinition(
            key="likes", kind="many_of", choices=frozenset({"tea", "coffee"}), is_profiling=False, is_own=True
        ),
    )
}


async def test_both_evaluators_give_the_same_answer(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute("SET session_replication_role = 'replica'")  # rank rules and the like need no parents here
        members = await write_books(conn)
        await conn.execute("ANALYZE")
        loop = asyncio.get_running_loop()
        seen: dict[bool | None, int] = {True: 0, False: 0, None: 0}

        async def compare(tree: t.Tree, zone: ZoneInfo, ago_h: int) -> None:
            moment = Moment(NOW - timedelta(hours=ago_h), zone)
            compiled = compile_tree(tree, PROGRAM, moment, DEFINITIONS)
            by_sql = await judge_members(conn, compiled, members)
            views = await read_views(conn, PROGRAM, members, needs_of([tree]), moment.as_of)
            judge = judge_of(tree, DEFINITIONS)
            in_python = {member: judge(view, moment) for member, view in views.items()}
            assert by_sql == in_python
            of_few = compile_tree(tree, PROGRAM, moment, DEFINITIONS, parts=4)
            assert by_sql == await judge_members(conn, of_few, members)
            count = await count_audience(conn, compiled)
            active = [by_sql[member] for member, view in views.items() if view.facts.is_active]
            assert (count.members, count.matching, count.unknown) == (
                len(active),
                active.count(True),
                active.count(None),
            )
            assert (count.unknown > 0) == bool(count.unknown_by)
            for verdict in by_sql.values():
                seen[verdict] += 1

        def run_examples() -> None:
            @settings(max_examples=80, suppress_health_check=list(HealthCheck))
            @given(some_tree(), st.sampled_from([TOKYO, ZoneInfo("America/Los_Angeles")]), st.sampled_from([0, 9, 20]))
            def check(tree: t.Tree, zone: ZoneInfo, ago_h: int) -> None:
                asyncio.run_coroutine_threadsafe(compare(tree, zone, ago_h), loop).result()

            check()

        await asyncio.to_thread(run_examples)
        assert min(seen.values()) > 100  # every answer was compared


async def test_the_sample_and_the_stream_are_members_of_it(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute("SET session_replication_role = 'replica'")
        members = await write_books(conn)
        compiled = compile_tree(t.VisitCount(at_least=1), PROGRAM, Moment(NOW, TOKYO), DEFINITIONS)
        matching = sorted(m for m, verdict in (await judge_members(conn, compiled, members)).items() if verdict)
        some = await find_some(conn, compiled, 5)
        assert len(set(some)) == 5
        assert set(some) <= set(matching)
        assert len(await find_some(conn, compiled, 1000)) == (await count_audience(conn, compiled)).matching


async def test_a_count_that_takes_longer_than_foreseen_is_given_up(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audiences.counting_repository._TIME_MS", 20)
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SET LOCAL session_replication_role = 'replica'")
        members = await write_books(conn)
        compiled = compile_tree(t.VisitCount(at_least=1), PROGRAM, Moment(NOW, TOKYO), DEFINITIONS)
        slow = msgspec.structs.replace(compiled, condition=f"({compiled.condition} OR pg_sleep(0.3) IS NULL)")
        assert await count_in_time(conn, slow) is None
        assert (await foresee(conn, compiled)).cost > 0
        assert 0 < await count_judged(conn, compiled) <= len(members)


def test_references_are_kept_by_neither() -> None:
    leaf = t.InAudience(audience_id=AudienceId(UUID(int=1)), version=1)
    with pytest.raises(KeyError):
        compile_tree(leaf, PROGRAM, Moment(NOW, TOKYO), DEFINITIONS)
