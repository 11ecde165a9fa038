"""Somebody who calls the API over HTTP."""

from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Caller:
    """Somebody with a credential, or with none."""

    http: httpx.AsyncClient
    token: str | None = None
    scheme: str = "Bearer"

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"{self.scheme} {self.token}"}

    async def call(
        self, method: str, path: str, body: object = None, *, key: str | None = None, **request: Any
    ) -> httpx.Response:
        headers = self.headers | ({} if key is None else {"Idempotency-Key": key})
        if isinstance(body, bytes):
            request["content"] = body
            headers |= {"Content-Type": "image/png" if path.endswith("/picture") else "text/csv"}
        elif body is not None:
            request["json"] = body
        return await self.http.request(method, path, headers=headers | request.pop("headers", {}), **request)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.call("GET", path, params=params)

    async def post(self, path: str, body: object = None, **request: Any) -> httpx.Response:
        return await self.call("POST", path, body, **request)

    async def put(self, path: str, body: object = None, **request: Any) -> httpx.Response:
        return await self.call("PUT", path, body, **request)

    async def patch(self, path: str, body: object = None, **request: Any) -> httpx.Response:
        return await self.call("PATCH", path, body, **request)

    async def delete(self, path: str, **request: Any) -> httpx.Response:
        return await self.call("DELETE", path, **request)
