"""What spreading a database over several nodes takes: by where each table shall stand, and what is found. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from migrations.schema.places import BY_MEMBER, CROSSING, LOCAL, REFERENCE

Place = Literal["spread", "reference", "local"]

MEMBER = "member_id"
# Every other spread table lies beside it.
FIRST = "members"
# The engine's major versions, with the PostgreSQL versions that each runs on.
ENGINES: Mapping[int, range] = {13: range(15, 18), 14: range(16, 19)}

# What sessions of the database need of the engine. In `parallel` two batches that write to several shards wait for each
# other. With the engine's own view of the catalogue, what the driver asks of it once a session takes 25 s.
SETTINGS: Mapping[str, str] = {"citus.multi_shard_modify_mode": "sequential", "citus.override_table_visibility": "off"}

_FUNCTIONS: Mapping[Place, str] = {
    "reference": "create_reference_table('{table}')",
    "local": "citus_add_local_table_to_metadata('{table}')",
    "spread": "create_distributed_table('{table}', 'member_id', colocate_with => '{beside}')",
}
# What takes longest comes last.
_ORDER: Sequence[Place] = ("reference", "local", "spread")


class CannotPlace(RuntimeError):
    """The message says what is in the way and what mends it."""


@dataclass(frozen=True)
class ForeignKey:
    name: str
    table: str
    to: str
    """The table that it refers to."""
    definition: str
    """As `ALTER TABLE … ADD CONSTRAINT` takes it."""


@dataclass(frozen=True)
class Engine:
    """`version`: None where the database has no such engine."""

    database: str
    version: str | None
    postgresql: int
    is_coordinator: bool
    knows_itself: bool
    nodes: int
    """How many may hold a member's rows."""
    settings: Mapping[str, str]
    """Those of `SETTINGS`, as a new session has them."""


@dataclass(frozen=True)
class Step:
    says: str
    statements: tuple[str, ...]


def refuse_engine(engine: Engine) -> None:
    """Raises CannotPlace."""
    if engine.version is None:
        raise CannotPlace(
            f"the database {engine.database} has no Citus: let a superuser run 'CREATE EXTENSION citus' in it on every "
            "node, and SELECT citus_add_node(host, port) on the coordinator"
        )
    major = _major(engine.version)
    if major not in ENGINES:
        known = " or ".join(map(str, ENGINES))
        raise CannotPlace(f"Citus {engine.version} is not known to this version of Noren, which needs {known}")
    if engine.postgresql not in ENGINES[major]:
        first, last = ENGINES[major][0], ENGINES[major][-1]
        raise CannotPlace(
            f"Citus {engine.version} runs on PostgreSQL {first} to {last}, and this is {engine.postgresql}: "
            "take the version of Citus that was made for it"
        )
    if not engine.is_coordinator:
        raise CannotPlace("this node holds shards for another one: give the coordinator's DATABASE_URL")
    if not engine.knows_itself:
        raise CannotPlace(
            "the coordinator does not know under which name the other nodes reach it: "
            "let a superuser run SELECT citus_set_coordinator_host(host, port) on it"
        )
    if engine.nodes == 0:
        raise CannotPlace(
            "no node may hold shards: let a superuser run SELECT citus_add_node(host, port) on the coordinator for each"
        )


def plan_settings(engine: Engine) -> list[Step]:
    lacking = {name: value for name, value in SETTINGS.items() if engine.settings.get(name) != value}
    return [
        Step(
            f"each new session of the database {engine.database} has {name} = {value}",
            (f"ALTER DATABASE {_quoted(engine.database)} SET {name} = {value}",),
        )
        for name, value in lacking.items()
    ]


def plan_places(
    tables: Sequence[str], placed: Mapping[str, Place | str], foreign_keys: Sequence[ForeignKey]
) -> list[Step]:
    """What is left to do; nothing where it is done.

    `placed`: what the engine knows of already; of a table that is spread by another column, that. Where a foreign key
    is in the way of a table that moves, it is taken away first: the engine would move all that hang together at once,
    and trips over tables in partitions. Raises CannotPlace for a table that stands elsewhere than it should.
    """
    for table, found in placed.items():
        wanted = place_of(table)
        if found not in (wanted, "local"):
            raise CannotPlace(
                f"{table} is {_told(found)} already and should be {_told(wanted)}: let a superuser run "
                f"SELECT undistribute_table('{table}', cascade_via_foreign_keys => true), and then this again"
            )
    left = [table for table in tables if place_of(table) != placed.get(table)]
    given_up = [key for key in foreign_keys if key.name in CROSSING]
    moving = [key for key in foreign_keys if key not in given_up and not {key.table, key.to}.isdisjoint(left)]
    steps = [_give_up(key) for key in given_up]
    if moving:
        steps.append(Step(f"take {len(moving)} foreign keys away while tables move", tuple(map(_drop, moving))))
    for place in _ORDER:
        there = [table for table in left if place_of(table) == place]
        steps += [_put(table, place) for table in sorted(there, key=lambda table: table != FIRST)]
    if moving:
        steps.append(Step(f"set the {len(moving)} foreign keys again", tuple(map(_add, moving))))
    return steps


def place_of(table: str) -> Place:
    """Raises CannotPlace for a table that is none of the schema's."""
    if table in BY_MEMBER:
        return "spread"
    if table in REFERENCE:
        return "reference"
    if table in LOCAL:
        return "local"
    raise CannotPlace(f"{table} is no table of this version of Noren: take it out of the database first")


def summarize(steps: Sequence[Step]) -> Iterator[str]:
    """Every step in a line, numbered: what `distribute` says before it begins."""
    for number, step in enumerate(steps, 1):
        yield f"{number:>3}. {step.says}"


def _give_up(key: ForeignKey) -> Step:
    says = f"give up the foreign key {key.name}: its rows may lie on other nodes than those of {key.to}"
    return Step(says, (_drop(key),))


def _drop(key: ForeignKey) -> str:
    return f"ALTER TABLE {key.table} DROP CONSTRAINT {key.name}"


def _add(key: ForeignKey) -> str:
    return f"ALTER TABLE {key.table} ADD CONSTRAINT {key.name} {key.definition}"


def _put(table: str, place: Place) -> Step:
    beside = "none" if table == FIRST else FIRST
    return Step(f"{table}: {_told(place)}", (f"SELECT {_FUNCTIONS[place].format(table=table, beside=beside)}",))


def _told(place: str) -> str:
    told = {
        "spread": f"spread over the nodes by {MEMBER}",
        "reference": "whole on every node",
        "local": "whole on the coordinator",
    }
    return told.get(place, f"spread over the nodes by {place}")


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _major(version: str) -> int:
    """Of `13.2-1`, as the extension names itself: 13; 0 of what is no version."""
    found = re.match(r"\d+", version)
    return int(found[0]) if found else 0
