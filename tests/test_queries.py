"""The SQL of the whole repository against the migrated database."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from devtools.bootstrap import ROOT
from devtools.own_files import find_files
from devtools.shards.reach import RATES, tell_reach
from devtools.shards.statements import Statement
from kit.database import Pool
from kit.sql import Queries, whole_text
from migrations.schema import metadata
from server.web.errors import CONSTRAINTS

FILES, MODULES = find_files(".sql"), find_files(".py")
# The names after `QUERIES.`, or after that of another such file of queries.
USED = {name for path in MODULES for name in re.findall(r"(?i:queries)\.(\w+)", path.read_text(encoding="utf-8"))}

COLUMNS = {table.name: [column.name for column in table.columns] for table in metadata.sorted_tables}


def test_all_sql_is_found() -> None:
    assert {
        "server/locations/device_states.sql",
        "geo/presences.sql",
        "push/outbox.sql",
        "server/web/idempotency.sql",
    } <= {str(path.relative_to(ROOT)) for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
async def test_every_named_query_is_good_sql_for_this_schema(pool: Pool, path: Path) -> None:
    queries = Queries(path)
    assert queries
    async with pool.acquire() as conn:
        for name, query in queries.items():
            try:
                for text in {query, whole_text(query)}:
                    await conn.prepare(text)
            except asyncpg.PostgresError as error:
                pytest.fail(f"{path.name}: {name}: {error}")


async def test_every_lease_is_good_sql_for_this_schema(pool: Pool) -> None:
    leases = [lease for path in MODULES for lease in _leases_of(path)]
    assert len(leases) >= 4
    async with pool.acquire() as conn:
        for lease in leases:
            await conn.prepare(lease)


async def test_no_statement_has_to_ask_what_an_array_is(pool: Pool) -> None:
    """asyncpg would ask in the midst of the transaction, in each session anew."""
    asked: list[str] = []
    async with pool.acquire() as conn:
        with conn.query_logger(lambda statement: asked.append(statement.query)):
            for path in FILES:
                for query in Queries(path).values():
                    await conn.prepare(query)
    assert [query for query in asked if "typeinfo_tree" in query] == []


def _leases_of(path: Path) -> list[str]:
    """What a module has made with `lease_query` or `backlog_query`."""
    names = re.findall(r"^(\w+) = (?:lease|backlog)_query\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return [getattr(importlib.import_module(module), name) for name in names]


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_a_query_with_more_than_four_parameters_names_them(path: Path) -> None:
    queries = Queries(path)
    numbered = {name: query for name, query in queries.items() if isinstance(getattr(queries, name), str)}
    assert [name for name, query in numbered.items() if re.search(r"\$([5-9]|\d\d)", query)] == []


def test_every_query_is_called_with_the_names_that_it_has() -> None:
    """A call with `**` is left to Python, which refuses a wrong name when it runs."""
    wrong, seen = [], 0
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        files = {name: Queries(path.parent / file) for name, file in _loaded(tree)}
        calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in files):
                continue
            seen += 1
            if not _is_right(getattr(files[node.value.id], node.attr), calls.get(id(node))):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.attr}")
    assert seen > 300
    assert wrong == []


def _is_right(query: object, call: ast.Call | None) -> bool:
    if not callable(query):
        return call is None
    if call is None or call.args:
        return False
    names = {keyword.arg for keyword in call.keywords}
    return None in names or names == set(inspect.signature(query).parameters)


def _loaded(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that a module gives to the files of its queries."""
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="load_queries"), args=[_, ast.Constant(value=str(file))]),
            ):
                yield name, file


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_every_named_query_is_used(path: Path) -> None:
    unused = [name for name in Queries(path) if name not in USED]
    if path.name == "personal.sql":  # kit.row_sets runs these by the beginning of their names
        unused = [name for name in unused if not name.startswith(("export_", "erase_", "find_"))]
    assert unused == []


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_every_query_says_on_which_shards_it_runs(path: Path) -> None:
    queries = Queries(path)
    told = {name: _word(reach) for name, reach in queries.reaches.items()}
    assert told == {name: tell_reach(Statement(whole_text(query), COLUMNS)) for name, query in queries.items()}
    # Nor may it read a whole table on one machine.
    plain = {name: query for name, query in queries.items() if query != whole_text(query)}
    assert {name: told[name] for name in plain} == {
        name: tell_reach(Statement(query, COLUMNS)) for name, query in plain.items()
    }


def _word(reach: str) -> str:
    word, _, rate = reach.partition(" ")
    assert (rate in RATES) == (word == "fan-out"), f"how often, behind fan-out: {', '.join(RATES)}"
    return word


async def test_every_constraint_that_is_translated_exists_and_is_unique(pool: Pool) -> None:
    rows = await pool.fetch(
        "SELECT conname FROM pg_constraint WHERE contype = 'u' AND connamespace = 'public'::regnamespace"
    )
    assert set(CONSTRAINTS) <= {row["conname"] for row in rows}
