"""HTTP as a careful app or till does it: every write has a key, and what may be repeated is repeated with the same."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import uuid4

import httpx

from devtools.demo.answers import Body, decode, read_problem
from devtools.plain_http import TRUSTS_NOBODY

T = TypeVar("T")

PATIENCE_S = 60.0
_CONNECTIONS = 32


class UnexpectedAnswer(Exception):
    """An answer that nobody in the demo has earned."""

    def __init__(self, request: str, response: httpx.Response) -> None:
        problem = read_problem(response.content)
        super().__init__(f"{request} was answered {response.status_code} {problem.type} {problem.detail}".rstrip())


class Client:
    """The API at one address. `token` is the bearer token of whoever is asking."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(self, method: str, path: str, token: str | None = None, body: Body | None = None) -> httpx.Response:
        """Any answer that is final. One with Retry-After is not; neither is a broken connection."""
        headers = {} if method == "GET" else {"Idempotency-Key": str(uuid4())}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        patient_until = time.monotonic() + PATIENCE_S
        while True:
            try:
                response = await self._http.request(method, path, headers=headers, json=body)
            except httpx.TransportError:
                if time.monotonic() > patient_until:
                    raise
                await asyncio.sleep(0.5)
                continue
            wait_s = float(response.headers.get("Retry-After", 0))
            if not wait_s or time.monotonic() + wait_s > patient_until:
                return response
            await asyncio.sleep(wait_s)

    async def ask(self, kind: type[T], method: str, path: str, token: str | None = None, body: Body | None = None) -> T:
        """The answer's body. Raises UnexpectedAnswer for everything but a 2xx."""
        response = await self.send(method, path, token, body)
        if not response.is_success:
            raise UnexpectedAnswer(f"{method} {path}", response)
        return decode(response.content or b"null", kind)

    async def post_webhook(self, path: str, content: bytes, headers: Mapping[str, str]) -> None:
        """As a provider does, who signs the bytes. Raises UnexpectedAnswer."""
        response = await self._http.post(path, content=content, headers=dict(headers))
        if not response.is_success:
            raise UnexpectedAnswer(f"POST {path}", response)


@asynccontextmanager
async def open_client(base_url: str) -> AsyncIterator[Client]:
    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
    # To our own machine: the user's proxy has no part in it.
    async with httpx.AsyncClient(
        base_url=base_url, limits=limits, timeout=30, verify=TRUSTS_NOBODY, trust_env=False
    ) as http:
        yield Client(http)
