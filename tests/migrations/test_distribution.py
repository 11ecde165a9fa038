"""What `./run admin distribute` would do to today's schema, and what it refuses; the engine itself is no part of it."""

import dataclasses
from collections.abc import Mapping

import pytest

from kit.database import Pool
from migrations.distribution import QUERIES, distribute
from migrations.placing import (
    SETTINGS,
    CannotPlace,
    Engine,
    ForeignKey,
    place_of,
    plan_places,
    plan_settings,
    refuse_engine,
    summarize,
)
from migrations.schema import metadata
from migrations.schema.places import BY_MEMBER, CROSSING

GOOD = Engine("noren", "13.2-1", 15, is_coordinator=True, knows_itself=True, nodes=2, settings=SETTINGS)
TABLES = [table.name for table in metadata.sorted_tables]


async def read_keys(pool: Pool) -> list[ForeignKey]:
    return [ForeignKey(**row) for row in await pool.fetch(QUERIES.list_foreign_keys)]


@pytest.mark.parametrize(("version", "postgresql"), [("13.0-1", 15), ("13.2-1", 17), ("14.0-1", 16), ("14.1-1", 18)])
def test_the_versions_that_were_made_for_each_other_are_taken(version: str, postgresql: int) -> None:
    refuse_engine(dataclasses.replace(GOOD, version=version, postgresql=postgresql))


@pytest.mark.parametrize(
    ("lacking", "says"),
    [
        ({"version": None}, "CREATE EXTENSION citus"),
        ({"version": "12.1-1"}, "needs 13 or 14"),
        ({"version": "15.0-1"}, "needs 13 or 14"),
        ({"version": "unheard of"}, "needs 13 or 14"),
        ({"version": "14.0-1", "postgresql": 15}, "runs on PostgreSQL 16 to 18, and this is 15"),
        ({"version": "13.2-1", "postgresql": 18}, "runs on PostgreSQL 15 to 17, and this is 18"),
        ({"is_coordinator": False}, "the coordinator's DATABASE_URL"),
        ({"knows_itself": False}, "citus_set_coordinator_host"),
        ({"nodes": 0}, "citus_add_node"),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(lacking: Mapping[str, object], says: str) -> None:
    with pytest.raises(CannotPlace, match=says) as refused:
        refuse_engine(dataclasses.replace(GOOD, **lacking))  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


def test_a_session_has_what_it_needs_of_the_engine() -> None:
    assert plan_settings(GOOD) == []
    (step,) = plan_settings(
        dataclasses.replace(GOOD, database='a"b', settings={"citus.multi_shard_modify_mode": "sequential"})
    )
    assert step.statements == ('ALTER DATABASE "a""b" SET citus.override_table_visibility = off',)


async def test_a_database_without_the_engine_is_left_as_it_is(database: str) -> None:
    told: list[str] = []
    with pytest.raises(CannotPlace, match="has no Citus"):
        await distribute(database, told.append, is_plan_only=False)
    assert told == []


def test_every_table_of_the_schema_has_its_place() -> None:
    assert {table: place_of(table) for table in TABLES}.keys() == set(TABLES)


async def test_each_table_is_placed_once_between_the_taking_and_the_setting_of_foreign_keys(pool: Pool) -> None:
    keys = await read_keys(pool)
    steps = plan_places(TABLES, {}, keys)
    placed = [step.says.partition(":")[0] for step in steps if step.statements[0].startswith("SELECT")]
    assert sorted(placed) == sorted(TABLES)
    says = [step.says for step in steps]
    crossing = [line for line in says if line.startswith("give up")]
    assert len(crossing) == len(CROSSING)
    moved = len(keys) - len(CROSSING)
    assert says[len(CROSSING)] == f"take {moved} foreign keys away while tables move"
    assert says[-1] == f"set the {moved} foreign keys again"


def test_members_come_before_what_lies_beside_them() -> None:
    steps = {step.says.partition(":")[0]: step.statements for step in plan_places(sorted(TABLES), {}, [])}
    assert steps["members"] == ("SELECT create_distributed_table('members', 'member_id', colocate_with => 'none')",)
    assert "colocate_with => 'members'" in steps["coupons"][0]
    assert steps["programs"] == ("SELECT create_reference_table('programs')",)
    order = list(steps)
    assert order.index("members") == min(order.index(table) for table in BY_MEMBER)


def test_a_table_of_the_database_that_nobody_knows_is_told() -> None:
    with pytest.raises(CannotPlace, match="stray is no table of this version"):
        plan_places([*TABLES, "stray"], {}, [])


def test_a_foreign_key_is_set_again_as_it_was() -> None:
    key = ForeignKey("coupons_key", "coupons", "members", "FOREIGN KEY (member_id) REFERENCES members(member_id)")
    first, *_, last = plan_places(TABLES, {}, [key])
    assert first.statements == ("ALTER TABLE coupons DROP CONSTRAINT coupons_key",)
    assert last.statements == (f"ALTER TABLE coupons ADD CONSTRAINT coupons_key {key.definition}",)


def test_what_is_done_is_not_done_again_and_what_is_new_is_added() -> None:
    placed = {table: place_of(table) for table in TABLES}
    keys = [ForeignKey("new", "coupons", "members", "…"), ForeignKey("old", "visits", "members", "…")]
    assert plan_places(TABLES, placed, keys) == []
    del placed["coupons"]
    assert [step.says for step in plan_places(TABLES, placed, keys)] == [
        "take 1 foreign keys away while tables move",
        "coupons: spread over the nodes by member_id",
        "set the 1 foreign keys again",
    ]


@pytest.mark.parametrize("found", ["id", "program", "reference"])
def test_a_table_that_stands_elsewhere_is_refused_with_what_mends_it(found: str) -> None:
    with pytest.raises(CannotPlace, match=r"coupons is .* already .* undistribute_table\('coupons'"):
        plan_places(TABLES, {"coupons": found}, [])


def test_every_step_is_told_in_a_line() -> None:
    lines = list(summarize(plan_places(TABLES, {}, [])))
    assert lines[0].startswith("  1. ")
    assert len(lines) == len(TABLES)
