"""One POST to a provider whose answer ends: within a time and a size, whatever the other side sends and how slowly.

A time-out of httpx is one of each piece that arrives: a body that comes a byte at a time would never end, and with it a
lease would run out and the message be sent twice.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

MOST_ANSWER_BYTES = 64 * 1024


class Answered(msgspec.Struct, frozen=True):
    """`body`: its beginning, where it is longer than MOST_ANSWER_BYTES."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


async def post(client: httpx.AsyncClient, url: str, *, within_s: float, **request: Any) -> Answered:
    """Redirects are not followed. Raises httpx.TransportError: ConnectError, ConnectTimeout and PoolTimeout where
    nothing was sent.
    """
    try:
        async with (
            asyncio.timeout(within_s),
            client.stream("POST", url, follow_redirects=False, **request) as answer,
        ):
            body = b""
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) >= MOST_ANSWER_BYTES:
                    break
            return Answered(answer.status_code, body[:MOST_ANSWER_BYTES], answer.headers)
    except TimeoutError:
        raise httpx.ReadTimeout("the answer did not end in time") from None
    # On uvloop a connection that is reset at once raises AttributeError (findings/httpx-uvloop-reset.sh).
    except (AttributeError, httpx.DecodingError) as error:
        raise httpx.ReadError(type(error).__name__) from None
