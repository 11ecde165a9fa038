"""The server is killed in the middle of locations: whatever it acknowledged is there, and nothing is there twice."""

import asyncio
import random
from datetime import datetime, timedelta
from pathlib import Path

from devtools.ports import free_port
from kit.clock import utc_now
from kit.database import Pool
from tests.support.databases import SECRET_KEY
from tests.support.live import Live, ended, start, wait_until_ready
from tests.support.phones import Crowd, check_everything_happened_once, check_nothing_acknowledged_is_lost
from tests.support.shop import Shop, open_shop

BLOCKS = 25
PHONES = 24
KILLS = 2


async def open_street(pool: Pool, blocks: int, now: datetime) -> Shop:
    """Each store has a campaign of its own, so that every step into one earns a coupon, of which the phone hears."""
    shop = await open_shop(pool, blocks=blocks)
    await pool.execute("UPDATE programs SET message_day_cap = 50, message_week_cap = 200")
    for store in shop.stores:
        await shop.write_campaign(
            store_ids=frozenset([store.id]), starts_at=now - timedelta(days=1), max_event_age_s=86_400
        )
    return shop


async def test_a_killed_server_has_kept_all_that_it_acknowledged(pool: Pool, database: str, tmp_path: Path) -> None:
    now = utc_now()
    shop = await open_street(pool, BLOCKS, now)
    shoppers = await shop.enrol(PHONES)
    crowd, port = Crowd(), free_port()

    def start_server() -> Live:
        return start(database, SECRET_KEY, tmp_path / "server.log", port=port)

    live = start_server()
    lives = [live]
    try:
        await wait_until_ready(live)
        walking = asyncio.create_task(crowd.walk(lambda: live.url, shoppers, BLOCKS, now))
        for _ in range(KILLS):
            await crowd.has(len(crowd.acknowledged) + random.randint(100, 250))
            lives[-1].kill()
            assert not walking.done()
            await check_nothing_acknowledged_is_lost(shop, crowd)
            lives.append(start_server())
            await wait_until_ready(lives[-1])
        await walking
    finally:
        with ended(*lives):
            pass
    assert len(crowd.acknowledged) == PHONES * BLOCKS
    assert any(sent.status is None for sent in crowd.attempts)  # else nobody was cut off
    await check_everything_happened_once(shop, crowd, shoppers, utc_now())
