"""A LINE of our own, a chain that is connected to it, and people who have its official account."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from channels.line.api import LineApi
from devtools.line_double import Channel, LineDouble
from devtools.line_events import Json, account_link
from ids import ProgramId
from kit.clock import utc_now
from kit.database import Pool
from kit.sealing import Keyring
from server.line.handle_events import handle_events
from server.line.line_work import LineWork
from tests.support.databases import SECRET_KEY
from tests.support.world import Chain, Member, World

LOGIN_CHANNEL = "1650000099"
LINK_PAGE = "https://app.kissa.example/line?from=chat"


async def connect_line(chain: Chain, channel: Channel) -> None:
    body = {
        "channel_id": channel.channel_id,
        "channel_secret": channel.secret,
        "access_token": channel.token,
        "login_channel_id": LOGIN_CHANNEL,
        "link_url": LINK_PAGE,
    }
    answer = await chain.owner.put("/v1/program/line", body)
    assert answer.status_code == 200, answer.text


async def post_events(
    world: World, program_id: ProgramId, channel: Channel, events: Sequence[Json], **changes: Any
) -> httpx.Response:
    """As LINE does; `changes` spoil body or headers."""
    body, headers = channel.write_webhook(events)
    path = f"/line/v1/webhooks/{program_id}"
    return await world.http.post(path, content=changes.get("body", body), headers=headers | changes.get("headers", {}))


@asynccontextmanager
async def line_worker(
    pool: Pool, line: LineDouble, *, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[LineWork]:
    api = LineApi(line.endpoint)
    try:
        yield LineWork(pool=pool, keyring=Keyring(SECRET_KEY), api=api, public_url="https://noren.example", clock=clock)
    finally:
        await api.close()


async def handle_all(pool: Pool, line: LineDouble, *, clock: Callable[[], datetime] = utc_now) -> int:
    """What a worker does with what is there."""
    async with line_worker(pool, line, clock=clock) as work:
        return await handle_events(work)


async def link(chain: Chain, channel: Channel, line: LineDouble, member: Member, user_id: str) -> str:
    """The whole way: from the link token to the webhook. Returns the nonce."""
    nonce = await begin(member)
    answer = await post_events(chain.world, chain.id, channel, [account_link(user_id, nonce)])
    assert answer.status_code == 200, answer.text
    await handle_all(chain.world.pool, line)
    return nonce


async def begin(member: Member) -> str:
    """What LINE is given by the app: our nonce."""
    answer = await member.app.post("/v1/me/line/account-link", {"link_token": "a-link-token"})
    assert answer.status_code == 200, answer.text
    (nonce,) = parse_qs(urlsplit(answer.json()["url"]).query)["nonce"]
    return str(nonce)
