"""A program with point rules, members and a till in a database of the test's own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from kit.database import Pool, open_pool
from tests.flows.shop import Shop, open_shop

RACERS = 50


@pytest_asyncio.fixture
async def shop(pool: Pool) -> Shop:
    return await open_shop(pool, blocks=2)


@pytest_asyncio.fixture
async def track(database: str) -> AsyncIterator[Pool]:
    """A pool with a connection for every racer, all open."""
    opened = await open_pool(database, min_size=RACERS, max_size=RACERS)
    yield opened
    opened.terminate()
