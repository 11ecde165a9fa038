"""A program with a page of Facebook, and people who write to it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio

from channels.messages import MessengerMessage
from channels.messenger.api import MessengerApi
from channels.messenger.channel import MessengerChannel
from devtools.messenger_double import MessengerDouble, Page, message
from kit.sealing import Keyring
from tests.support.databases import SECRET_KEY
from tests.support.world import Chain, Member

KEYRING = Keyring(SECRET_KEY)
WORD = "our-own-word"
HANA = "5550001"
HELLO = MessengerMessage(HANA, "はい、22時まで営業しています。")


@pytest.fixture(scope="module")
def meta() -> Iterator[MessengerDouble]:
    with MessengerDouble() as double:
        yield double


@pytest_asyncio.fixture(loop_scope="session")
async def page(chain: Chain, meta: MessengerDouble) -> Page:
    meta.received.clear()
    meta.faults.clear()
    opened = meta.open_page("104567890123456")
    await connect(chain, opened)
    return opened


async def connect(chain: Chain, page: Page) -> None:
    body = {
        "page_id": page.page_id,
        "app_secret": page.app_secret,
        "access_token": page.access_token,
        "verify_token": WORD,
    }
    answer = await chain.owner.put("/v1/program/messenger", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["webhook_url"] == f"https://noren.example/messenger/v1/webhooks/{chain.id}"


async def post(chain: Chain, page: Page, *events: dict[str, Any], **changes: Any) -> httpx.Response:
    body, headers = page.write_webhook(events)
    content = changes.get("body", body)
    path = f"/messenger/v1/webhooks/{changes.get('program_id', chain.id)}"
    return await chain.world.http.post(path, content=content, headers=headers | changes.get("headers", {}))


async def begin(member: Member) -> str:
    answer = await member.app.post("/v1/me/messenger/link")
    assert answer.status_code == 200, answer.text
    url = urlsplit(answer.json()["url"])
    assert url.netloc == "m.me"
    return str(parse_qs(url.query)["ref"][0])


async def link(chain: Chain, page: Page, member: Member, user_id: str = HANA, **event: Any) -> None:
    referral = {"ref": await begin(member), "source": "SHORTLINK", "type": "OPEN_THREAD"}
    assert (await post(chain, page, message(user_id, "hello", referral=referral, **event))).status_code == 200


@asynccontextmanager
async def opened(chain: Chain, meta: MessengerDouble) -> AsyncIterator[MessengerChannel]:
    channel = MessengerChannel(chain.world.pool, KEYRING, MessengerApi(meta.endpoint))
    try:
        yield channel
    finally:
        await channel.close()
