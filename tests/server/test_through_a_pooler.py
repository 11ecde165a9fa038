"""A whole server and its worker behind a PgBouncer in transaction mode that has fewer sessions than they ask for."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

import migrations
from devtools.database_server import DatabaseServer
from devtools.template_database import own_database
from kit.database import connect_alone, open_pool
from kit.pooler import set_role_settings
from tests.support.databases import SECRET_KEY
from tests.support.live import ended, start, wait_until_ready
from tests.support.pgbouncer import pgbouncer_before, require_pgbouncer
from tests.support.stage import AUDIENCE_TREE, Stage, set_stage, walk_in
from tests.support.waiting import until
from tests.support.world import World


@pytest_asyncio.fixture
async def place(database_server: DatabaseServer) -> AsyncIterator[str]:
    """A database whose settings are its own."""
    async with own_database(database_server) as dsn:
        yield dsn


async def test_shoppers_tills_staff_and_the_worker_are_served_through_it(place: str, tmp_path: Path) -> None:
    with pgbouncer_before(place, require_pgbouncer()) as bouncer:
        url = bouncer.url_of(place)
        await asyncio.to_thread(migrations.upgrade, url)
        async with connect_alone(url) as conn:
            await set_role_settings(conn)
        await bouncer.reconnect()
        direct = await open_pool(place)
        live = start(url, SECRET_KEY, tmp_path / "log", only="all")
        with ended(live):
            await wait_until_ready(live)
            async with live.client() as http:
                world = World(http, direct)
                stages = [await set_stage(await world.add_chain()) for _ in range(2)]
                await asyncio.gather(*(visit(stage) for stage in stages for _ in range(5)))
                await until(lambda: no_push_waits(world))
                for stage in stages:
                    await look(stage)
            assert live.stop() == 0
        direct.terminate()
    told = live.log.read_text()
    assert '"level": "error"' not in told, told


async def visit(stage: Stage) -> None:
    """Of somebody new: in at the door, at the till, a copy of all that is stored, and gone for good."""
    member = await stage.chain.enrol()
    assert await walk_in(member)
    scanned = await stage.till.at.post("/v1/scans", {"card": member.card_number})
    assert scanned.status_code == 201, scanned.text
    coupons = (await member.app.get("/v1/me/coupons")).json()["items"]
    redeemed = await stage.till.at.post("/v1/redemptions", {"coupon": coupons[0]["code"]})
    assert redeemed.status_code == 201, redeemed.text
    copy = await member.app.post("/v1/me/export", {})
    assert copy.status_code == 200, copy.text
    assert copy.content.startswith(b"PK")
    gone = await stage.chain.owner.post(f"/v1/members/{member.id}/erasure", {"verified_by": "card_shown"})
    assert gone.status_code == 204, gone.text


async def no_push_waits(world: World) -> bool:
    waiting = await world.pool.fetchval("SELECT count(*) FROM outbox WHERE state = 'pending'")
    return bool(waiting == 0 and await world.pool.fetchval("SELECT count(*) FROM outbox"))


async def look(stage: Stage) -> None:
    """What takes a setting for a transaction, and what is read by a cursor."""
    counted = await stage.chain.owner.post("/v1/audiences/count", {"tree": AUDIENCE_TREE})
    assert counted.json()["matching"] == 1, counted.text
    found = await stage.chain.owner.post("/v1/members/search", {"text": stage.member.card_number})
    assert [each["member_id"] for each in found.json()["items"]] == [str(stage.member.id)], found.text
