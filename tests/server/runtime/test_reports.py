"""Reports on a real streaming standby: as new as on the primary, or read there."""

from collections.abc import Iterator
from math import inf

import asyncpg
import pytest

from devtools.own_cluster import OwnCluster, own_cluster
from devtools.standby import Standby, standby_of
from kit.database import open_pool
from server.runtime import reports
from server.runtime.metrics import REPLICA_LAG_S, REPORTS
from server.runtime.reports import Reports, open_reports
from tests.support.stage import Stage, set_stage, walk_in
from tests.support.waiting import PATIENCE_S, until
from tests.support.world import open_world


@pytest.fixture(scope="module")
def primary() -> Iterator[OwnCluster]:
    with own_cluster() as made:
        yield made


@pytest.fixture(scope="module")
def standby(primary: OwnCluster) -> Iterator[Standby]:
    with standby_of(primary) as made:
        yield made


def count(source: str) -> float:
    return float(REPORTS.labels(source)._value.get())


async def read_issued(stage: Stage, source: str) -> int:
    """How many coupons its campaign has issued, read at that source."""
    before = count(source)
    answer = await stage.chain.owner.get(f"/v1/campaigns/{stage.campaign_id}/report")
    assert answer.status_code == 200, answer.text
    assert count(source) == before + 1
    issued: int = answer.json()["coupons_issued"]
    return issued


async def on(standby: Standby, statement: str) -> None:
    connection = await asyncpg.connect(standby.dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_report_shows_what_was_just_done_wherever_it_is_read(
    primary: OwnCluster, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "PATIENCE_S", PATIENCE_S)
    async with open_world(primary.dsn, reports_database_url=standby.dsn) as world:
        stage = await set_stage(await world.add_chain())
        assert await read_issued(stage, "standby") == 1
        assert await walk_in(await stage.chain.enrol())
        assert await read_issued(stage, "standby") == 2, "of a moment ago"
        refused = await world.anyone.get(f"/v1/campaigns/{stage.campaign_id}/report")
        assert refused.status_code == 401
        await let_it_fall_behind(stage, standby, monkeypatch)
        await look_at_pages(stage)


async def let_it_fall_behind(stage: Stage, standby: Standby, monkeypatch: pytest.MonkeyPatch) -> None:
    """What replays nothing any more is waited for, and then left alone."""
    await on(standby, "SELECT pg_wal_replay_pause()")
    with monkeypatch.context() as patch:
        patch.setattr(reports, "PATIENCE_S", 0.05)
        assert await walk_in(await stage.chain.enrol())
        assert await read_issued(stage, "primary") == 3
    await on(standby, "SELECT pg_wal_replay_resume()")
    assert await read_issued(stage, "standby") == 3


async def look_at_pages(stage: Stage) -> None:
    """What else is read there, as it is at the API."""
    before = count("standby")
    for path in ("results", "store-results", "store-results.csv", "results.csv"):
        answer = await stage.chain.owner.get(f"/v1/campaigns/{stage.campaign_id}/{path}")
        assert answer.status_code == 200, answer.text
    for path in ("/v1/visit-cohorts", "/v1/program/message-latencies"):
        assert (await stage.chain.owner.get(path)).status_code == 200
    counted = await stage.chain.owner.post("/v1/audiences/count", {"audience_id": str(stage.audience_id)})
    assert counted.status_code == 200, counted.text
    assert count("standby") == before + 7


async def test_what_is_no_standby_of_this_database_is_not_read(
    primary: OwnCluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "PATIENCE_S", PATIENCE_S)
    pool = await open_pool(primary.dsn)
    for url in (database, primary.dsn, "postgresql://noren@/noren?host=/nowhere"):
        async with open_reports(pool, url) as opened:
            assert await find_source(opened) == "primary"
            await opened.measure()
            assert REPLICA_LAG_S._value.get() == inf
    pool.terminate()


async def test_a_standby_that_went_away_or_was_promoted_is_not_read(
    primary: OwnCluster, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "PATIENCE_S", PATIENCE_S)
    pool = await open_pool(primary.dsn)
    async with open_reports(pool, standby.dsn) as opened:
        assert await find_source(opened) == "standby"
        await opened.measure()
        assert REPLICA_LAG_S._value.get() < inf
        standby.crash()
        assert await find_source(opened) == "primary"
        await opened.measure()
        assert REPLICA_LAG_S._value.get() == inf
        standby.start()
        await until(lambda: is_read_on_standby(opened))
        standby.promote()
        assert await find_source(opened) == "primary", "it has a history of its own now"
    pool.terminate()


async def is_read_on_standby(opened: Reports) -> bool:
    return await find_source(opened) == "standby"


async def find_source(opened: Reports) -> str:
    before = count("standby")
    assert await opened.read(lambda conn: conn.fetchval("SELECT 1")) == 1
    return "standby" if count("standby") > before else "primary"
