"""The SQL of the whole repository against the migrated database."""

import re
from pathlib import Path

import asyncpg
import pytest

from devtools.bootstrap import ROOT
from kit.database import Pool
from kit.sql import Queries
from server.web.errors import CONSTRAINTS

NOT_OURS = {"node_modules", ".venv", ".git"}
FILES = sorted(path for path in ROOT.rglob("*.sql") if not NOT_OURS & set(path.relative_to(ROOT).parts))
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in ROOT.rglob("*.py")
    if not (NOT_OURS | {"tests"}) & set(path.relative_to(ROOT).parts)
)


def test_all_sql_is_found() -> None:
    assert {"server/locations/locate.sql", "geo/presences.sql", "push/outbox.sql", "server/web/idempotency.sql"} <= {
        str(path.relative_to(ROOT)) for path in FILES
    }


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
async def test_every_named_query_is_good_sql_for_this_schema(pool: Pool, path: Path) -> None:
    queries = Queries(path)
    assert queries
    async with pool.acquire() as conn:
        for name, query in queries.items():
            try:
                await conn.prepare(query)
            except asyncpg.PostgresError as error:
                pytest.fail(f"{path.name}: {name}: {error}")


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_every_named_query_is_used(path: Path) -> None:
    unused = [name for name in Queries(path) if not re.search(rf"(?i:queries)\.{name}\b", CODE)]
    assert unused == []


async def test_every_constraint_that_is_translated_exists_and_is_unique(pool: Pool) -> None:
    rows = await pool.fetch(
        "SELECT conname FROM pg_constraint WHERE contype = 'u' AND connamespace = 'public'::regnamespace"
    )
    assert set(CONSTRAINTS) <= {row["conname"] for row in rows}
