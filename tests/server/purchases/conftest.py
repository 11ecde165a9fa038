"""Races at one account need more connections than others."""

from collections.abc import AsyncIterator

import pytest_asyncio

from kit.database import Pool, open_pool

# A session plans each statement anew: with fifty, the same interleavings cost two and a half times as much.
RACERS = 20


@pytest_asyncio.fixture
async def race_pool(database: str) -> AsyncIterator[Pool]:
    """A pool with a connection for every racer, all open."""
    opened = await open_pool(database, min_size=RACERS, max_size=RACERS)
    yield opened
    opened.terminate()
