"""A small server in the test's own loop, for loads to be aimed at."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

REQUEST = b"POST /v1/locations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\nbody"


@asynccontextmanager
async def serve(protocol: Callable[[], asyncio.Protocol]) -> AsyncIterator[tuple[str, int]]:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()
