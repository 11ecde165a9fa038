"""A shop for each test, in a database of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from kit.database import Pool, open_pool
from tests.flows.shop import Shop, open_shop


@pytest_asyncio.fixture
async def shop(pool: Pool) -> Shop:
    return await open_shop(pool, blocks=2)


@pytest_asyncio.fixture
async def track(database: str) -> AsyncIterator[Pool]:
    """Connections enough for a race."""
    opened = await open_pool(database, min_size=20, max_size=20)
    yield opened
    opened.terminate()
