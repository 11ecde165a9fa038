"""A member who has linked their LINE account and writes to the program's page of Facebook."""

from urllib.parse import parse_qs, urlsplit

from channels.line.line_menus_repository import lease_menus, record_published
from devtools.line_double import Channel
from devtools.line_events import follow
from devtools.messenger_double import Page, message
from kit.clock import utc_now
from kit.database import Connection, in_transaction
from kit.sealing import Keyring
from server.line.link_member import link_account
from tests.support.bodies import example_of
from tests.support.databases import SECRET_KEY
from tests.support.line import post_events
from tests.support.world import Chain, Member

LINE_CHANNEL = {"channel_id": "1650000001", "channel_secret": "8c570fa6dd201bb3", "access_token": "AAAA"}
MESSENGER_PAGE = {
    "page_id": "104567890123456",
    "app_secret": "3f0d",
    "access_token": "EAAG",
    "verify_token": "a-word",
}


async def link_chats(chain: Chain, member: Member, phone: str) -> tuple[str, str]:
    """And begin to link others. Returns what LINE and the page know them by."""
    return await _link_line(chain, member, phone), await _write_to_the_page(chain, member, phone)


async def _link_line(chain: Chain, member: Member, phone: str) -> str:
    user_id = f"U{phone[1:]:0>32}"

    async def write(conn: Connection) -> None:
        await link_account(conn, Keyring(SECRET_KEY), chain.id, member.id, user_id, utc_now())

    await in_transaction(chain.world.pool, write)
    assert (await member.app.post("/v1/me/line/account-link", {"link_token": f"of-{phone}"})).is_success
    return user_id


async def _write_to_the_page(chain: Chain, member: Member, phone: str) -> str:
    begun = await member.app.post("/v1/me/messenger/link")
    (ref,) = parse_qs(urlsplit(begun.json()["url"]).query)["ref"]
    person = f"55500{phone[1:]}"
    page = Page(MESSENGER_PAGE["page_id"], MESSENGER_PAGE["app_secret"])
    body, headers = page.write_webhook([message(person, "hello", referral={"ref": ref})])
    path = f"/messenger/v1/webhooks/{chain.id}"
    assert (await chain.world.http.post(path, content=body, headers=headers)).is_success
    assert (await member.app.post("/v1/me/messenger/link")).is_success
    return person


async def fill_line(chain: Chain) -> None:
    """An event that nobody has handled yet, a menu that LINE has, and one before it that is over."""
    channel = Channel(LINE_CHANNEL["channel_id"], secret=LINE_CHANNEL["channel_secret"])
    assert (await post_events(chain.world, chain.id, channel, [follow("U1")])).is_success
    for _ in range(2):
        menu = {"state": "linked", "menu": example_of("setLineMenu")["menu"]}
        assert (await chain.owner.put("/v1/program/line/menus", menu)).is_success
        async with chain.world.pool.acquire() as conn:
            (leased,) = await lease_menus(conn, utc_now(), limit=1, lease_s=1)
            await record_published(conn, leased, "richmenu-1", utc_now())
