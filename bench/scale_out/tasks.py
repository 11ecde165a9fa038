"""How many shards the engine asks for each named query, held against the word behind its name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from devtools.bootstrap import ROOT
from devtools.own_files import find_files
from kit.sql import Queries, whole_text

_TASKS = re.compile(r"Task Count: (\d+)")
# Any value will do: a plan names the shard that a row with it would lie on, whether there is one or not.
_VALUES: Mapping[str, str] = {
    "uuid": "0193a000-0000-7000-8000-000000000001",
    "text": "x",
    "timestamptz": "2026-01-01T00:00Z",
    "timestamp": "2026-01-01T00:00",
    "date": "2026-01-01",
    "time": "01:00",
    "interval": "1 day",
    "bytea": "00",
    "bool": "true",
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
    """With the values written out: of a statement with parameters the engine's EXPLAIN refuses some that it runs."""
    values = [_literal(parameter) for parameter in (await connection.prepare(text)).get_parameters()]
    written = re.sub(r"\$(\d+)(?!\d)", lambda found: f"({values[int(found[1]) - 1]})", text)
    rows = await connection.fetch(f"EXPLAIN (COSTS OFF, VERBOSE) {written}")
    return [int(found) for row in rows for found in _TASKS.findall(row[0])]


def _literal(parameter: asyncpg.Type) -> str:
    value = _VALUES.get(parameter.name.removesuffix("[]"), "1")
    return f"""'{{"{value}"}}'::{parameter.name}""" if parameter.kind == "array" else f"'{value}'::{parameter.name}"


def _queries() -> Iterator[tuple[str, str, str]]:
    for path in find_files(".sql", of_product=True):
        queries = Queries(path)
        for name, text in queries.items():
            yield f"{path.relative_to(ROOT)}:{name}", whole_text(text), queries.reaches[name]
