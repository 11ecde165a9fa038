"""An answer that was written to a temporary file, which is deleted with it."""

import asyncio
from collections.abc import AsyncIterator
from typing import IO

_CHUNK_BYTES = 65536


async def read_in_chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
            yield chunk
