"""Several hosts in a URL: each is asked by itself, and a silent one keeps nobody from the next."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest

from kit.database import DatabaseUnavailable, connect_alone, open_pool
from kit.hosts import HOST_TIMEOUT_S, split_hosts
from tests.support.waiting import PATIENCE_S


@pytest.mark.parametrize(
    ("dsn", "split"),
    [
        (
            "postgresql://noren:p%2Cw@one:5432,two/noren?a=b",
            ["noren:p%2Cw@one:5432/noren?a=b", "noren:p%2Cw@two/noren?a=b"],
        ),
        ("postgresql://[2001:db8::1]:5432,[2001:db8::2]/noren", ["[2001:db8::1]:5432/noren", "[2001:db8::2]/noren"]),
        ("postgresql:///noren?host=/a,/b&user=x", ["/noren?host=%2Fa&user=x", "/noren?host=%2Fb&user=x"]),
        ("postgresql://noren@one/noren?host=/a", ["noren@one/noren?host=/a"]),
        ("postgresql://noren@/noren", ["noren@/noren"]),
    ],
)
def test_a_url_is_split_by_its_hosts(dsn: str, split: list[str]) -> None:
    assert split_hosts(dsn) == [f"postgresql://{each}" for each in split]


async def test_a_silent_host_is_given_up_after_a_time_of_its_own_and_is_asked_last_from_then_on(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    really: Any = asyncpg.connect

    async def connect(url: str, *, timeout: float, **settings: Any) -> Any:
        if "silent" not in url:
            return await really(url, timeout=PATIENCE_S, **settings)
        asked.append(url)
        assert timeout == HOST_TIMEOUT_S
        raise TimeoutError

    monkeypatch.setattr(asyncpg, "connect", connect)
    url = urlsplit(database)
    there = parse_qs(url.query)["host"][0]
    both = url._replace(query=f"host={quote(f'/silent,{there}')}&target_session_attrs=read-write").geturl()
    async with connect_alone(both) as conn:
        assert await conn.fetchval("SELECT 1") == 1
    assert len(asked) == 1
    pool = await open_pool(both, min_size=1, max_size=3)
    for _ in range(3):
        await pool.expire_connections()
        assert await pool.fetchval("SELECT 1") == 1
    assert len(asked) == 2
    pool.terminate()
    with pytest.raises(DatabaseUnavailable, match="TimeoutError"):
        await open_pool(url._replace(query=f"host={quote('/silent,/silenter')}").geturl())
