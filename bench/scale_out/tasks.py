"""How many shards the engine asks for each named query, held against the word behind its name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import asyncpg

from devtools.bootstrap import ROOT
from devtools.own_files import find_files
from kit.sql import Queries

_TASKS = re.compile(r"Task Count: (\d+)")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
# Any value will do: a plan names the shard that a row with it would lie on, whether there is one or not.
_VALUES: Mapping[str, object] = {
    "uuid": UUID("0193a000-0000-7000-8000-000000000001"),
    "text": "x",
    "timestamptz": _NOW,
    "timestamp": _NOW.replace(tzinfo=None),
    "date": date(2026, 1, 1),
    "time": time(1),
    "interval": timedelta(days=1),
    "bytea": bytes(32),
    "int8": 1,
    "int4": 1,
    "int2": 1,
    "float8": 1.0,
    "numeric": 1,
    "bool": True,
    "jsonb": "{}",
}


@dataclass
class Tasks:
    """Names are `file:query`. `wrong`: queries that ask more shards than their word says. `refused`: not planned."""

    planned: int = 0
    fan_outs: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


async def count_tasks(connection: "asyncpg.Connection[asyncpg.Record]") -> Tasks:
    """Nothing is run: each is only planned, and what planning begins is rolled back."""
    tasks = Tasks()
    for name, text, reach in _queries():
        transaction = connection.transaction()
        await transaction.start()
        try:
            counts = await _explain(connection, text)
        except asyncpg.FeatureNotSupportedError as error:
            tasks.refused[name] = str(error).partition("\n")[0]
        except asyncpg.PostgresError:
            continue  # one that plain PostgreSQL does not explain either with such values
        else:
            tasks.planned += 1
            if any(count > 1 for count in counts):
                (tasks.fan_outs if reach.startswith(("fan-out", "batch")) else tasks.wrong).append(name)
        finally:
            await transaction.rollback()
    return tasks


async def _explain(connection: "asyncpg.Connection[asyncpg.Record]", text: str) -> Sequence[int]:
    statement = await connection.prepare(text)
    values = [_value_of(parameter) for parameter in statement.get_parameters()]
    rows = await connection.fetch(f"EXPLAIN (COSTS OFF, VERBOSE) {text}", *values)
    return [int(found) for row in rows for found in _TASKS.findall(row[0])]


def _value_of(parameter: asyncpg.Type) -> object:
    if parameter.kind == "array":
        return [_VALUES.get(parameter.name.removesuffix("[]"))]
    return _VALUES.get(parameter.name)


def _queries() -> Iterator[tuple[str, str, str]]:
    for path in find_files(".sql", of_product=True):
        queries = Queries(path)
        for name, text in queries.items():
            yield f"{path.relative_to(ROOT)}:{name}", text, queries.reaches[name]
