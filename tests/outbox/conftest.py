"""Messages of one campaign, of which some leave, and a provider that takes them."""

import pytest_asyncio

from kit.database import Pool
from tests.push.conftest import Outbox, double, open_outbox, running_double, sender

__all__ = ["double", "outbox", "running_double", "sender"]


@pytest_asyncio.fixture
async def outbox(pool: Pool) -> Outbox:
    return await open_outbox(pool)
