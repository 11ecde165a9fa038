"""A running application for a fixture."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.world import World, open_world


@asynccontextmanager
async def lend_world(database_url: str, **changes: Any) -> AsyncIterator[World]:
    """For a fixture. In a task of its own: Litestar's lifespan must end in the task that it began in, and a fixture's
    two halves are two.
    """
    opened: asyncio.Future[World] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()

    async def live() -> None:
        async with open_world(database_url, **changes) as world:
            opened.set_result(world)
            await stop.wait()

    living = asyncio.create_task(live())
    await asyncio.wait((opened, living), return_when=asyncio.FIRST_COMPLETED)
    if living.done():
        living.result()
    yield opened.result()
    stop.set()
    await living
