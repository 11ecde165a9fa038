"""Ready means that this process can do its work now; where it cannot, it says which part fails and what mends it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from devtools.own_cluster import OwnCluster, own_cluster
from migrations import head_revision
from server.runtime.root_secret import make_key_id
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.live import ended, start, wait_until_ready
from tests.support.waiting import until


async def find_failing(http: httpx.AsyncClient) -> dict[str, str]:
    answer = await http.get("/health/ready")
    if answer.status_code == 200:
        return {}
    problem = expect_problem(answer, 503, "not-ready")
    assert answer.headers["Retry-After"]
    failing: list[dict[str, Any]] = problem["failing"]
    assert all(each["reason"] in problem["detail"] for each in failing)
    return {each["part"]: each["reason"] for each in failing}


@pytest.fixture(scope="module")
def cluster() -> Iterator[OwnCluster]:
    with own_cluster() as made:
        yield made


async def test_a_database_that_cannot_be_written_is_told_apart_from_one_that_is_away(
    cluster: OwnCluster, tmp_path: Path
) -> None:
    live = start(cluster.dsn, SECRET_KEY, tmp_path / "log")
    with ended(live):
        await wait_until_ready(live)
        async with live.client() as http:
            cluster.stop()
            assert "does not answer" in (await find_failing(http))["database"]
            cluster.demote()
            await until(lambda: find_words(http, "database", "is a standby"))
            cluster.promote()
            await wait_until_ready(live)


async def find_words(http: httpx.AsyncClient, part: str, words: str) -> bool:
    return words in (await find_failing(http)).get(part, "")


async def test_another_schema_another_key_and_a_catalogue_that_grows_old(database: str, tmp_path: Path) -> None:
    live = start(database, SECRET_KEY, tmp_path / "log", NOREN_READY_CATALOGUE_AGE_S="1")
    with ended(live):
        await wait_until_ready(live)
        other = await asyncpg.connect(database)
        async with live.client() as http:
            await other.execute("UPDATE served_revisions SET revision = '0000'")
            assert "schema serves 0000" in (await find_failing(http))["schema"]
            await other.execute("UPDATE served_revisions SET revision = $1", head_revision())
            assert await find_failing(http) == {}
            await other.execute("UPDATE root_secrets SET key_id = 'rotated!'")
            assert "NOREN_SECRET_KEY is not the key of this database" in (await find_failing(http))["key"]
            await other.execute("UPDATE root_secrets SET key_id = $1", make_key_id(SECRET_KEY))
            assert await find_failing(http) == {}
            async with other.transaction():
                await other.execute("LOCK TABLE programs IN ACCESS EXCLUSIVE MODE")
                await until(lambda: find_words(http, "catalogue", "NOREN_READY_CATALOGUE_AGE_S allows 1 s"))
            await wait_until_ready(live)
        await other.close()
