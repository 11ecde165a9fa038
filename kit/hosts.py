"""A database's URL with several hosts: each has a time of its own to answer, and the one that did is asked first.

asyncpg has one time-out for all of them: a first host that is silent, since its machine is gone, would keep it from the
others for as long as it is named.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import asyncpg

from kit.outages import is_outage

HOST_TIMEOUT_S = 3.0


def split_hosts(dsn: str) -> list[str]:
    """The same URL for each of its hosts, in their order."""
    scheme, _, rest = dsn.partition("://")
    before_query, _, query = rest.partition("?")
    authority, slash, path = before_query.partition("/")
    account, at, hosts = authority.rpartition("@")
    if "," in hosts:
        tail = slash + path + (f"?{query}" if query else "")
        return [f"{scheme}://{account}{at}{host}{tail}" for host in hosts.split(",")]
    named = dict(parse_qsl(query, keep_blank_values=True))
    sockets = named.get("host", "").split(",")
    if len(sockets) == 1:
        return [dsn]
    return [f"{scheme}://{before_query}?{urlencode(named | {'host': socket})}" for socket in sockets]


class Hosts:
    """For `connect` of a pool of asyncpg."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = urls

    async def connect(self, _: str, *, timeout: float, **settings: Any) -> "asyncpg.Connection[asyncpg.Record]":
        """To the first that answers, and is as `target_session_attrs` wants it. Raises what the last one raised."""
        refusal: Exception | None = None
        for url in list(self._urls):
            try:
                found = await _connect(url, timeout=min(timeout, HOST_TIMEOUT_S), **settings)
            except Exception as error:
                if not is_outage(error, at_connect=True):
                    raise
                refusal = error
            else:
                self._urls.sort(key=lambda each: each != url)
                return found
        assert refusal is not None
        raise refusal


async def _connect(url: str, **settings: Any) -> "asyncpg.Connection[asyncpg.Record]":
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url, **settings)
    return connection
