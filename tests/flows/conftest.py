"""A shop for each test, in a database of its own."""

import pytest_asyncio

from kit.database import Pool
from tests.flows.shop import Shop, open_shop


@pytest_asyncio.fixture
async def shop(pool: Pool) -> Shop:
    return await open_shop(pool, blocks=2)
