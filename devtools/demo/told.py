"""One member who can be reached by every channel, and what reaches them: Hana links all she has, and drops in."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from urllib.parse import parse_qs, urlsplit

import msgspec

from devtools.demo.answers import Body, Created, Enrolled
from devtools.demo.app import App
from devtools.demo.board import Board
from devtools.demo.campaigns import for_whom_is_reached
from devtools.demo.client import Client
from devtools.demo.providers import Providers
from devtools.demo.seed import Outlet, Town, enrol
from devtools.demo.streets import trip_to
from devtools.demo.tray import Tray
from devtools.fcm_double import FcmDouble
from devtools.line_double import Channel
from devtools.messenger_double import Page, message
from kit.clock import utc_now

NAME, PHONE, EMAIL = "Hana Sato", "+819011112222", "hana@example.com"
_LINE_USER, _FACEBOOK_USER = "U" + "0a1b2c3d" * 4, "6700000000000001"
_LOGIN_CHANNEL, _PAGE = "1650000002", "104567890123456"
# Codes to her contacts, that an address was added, an answer to what she wrote, and what she earns at the door.
WANTED = {"push": 1, "email": 2, "sms": 2, "call": 1, "line": 1, "messenger": 1}
_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.1
_BATCH = 20


class _Linking(msgspec.Struct, frozen=True):
    url: str


class _Page(msgspec.Struct, frozen=True):
    webhook_url: str


class Hana:
    """Her phone, and the owner's console, which answers her. `fcm`: what her pushes go through."""

    def __init__(self, client: Client, owner_token: str, fcm: FcmDouble, providers: Providers, board: Board) -> None:
        self._client = client
        self._owner_token = owner_token
        self._fcm = fcm
        self._providers = providers
        self._board = board

    async def live(self, town: Town) -> None:
        """Join, link everything, drop in, and be told. What does not come in time is a fault."""
        line, page, webhook_url = await self._connect_channels()
        enrolled = await enrol(self._client, town.program_code, 1)
        app = App(self._client, enrolled, self._board)
        await app.allow_pushes()
        tray = Tray(self._providers)
        await app.take_card()
        await self._confirm(tray, app, PHONE, await app.ask_for_code(PHONE))
        await self._confirm(tray, app, EMAIL, await app.ask_for_code(EMAIL, "email", shows_card=True))
        await self._link_line(enrolled, line)
        await self._write_to_page(enrolled, page, webhook_url)
        await self._drop_in(app, town.outlets[-1])
        await self._wait(app)

    async def _connect_channels(self) -> tuple[Channel, Page, str]:
        line = self._providers.line.open_channel("1650000001", friends={_LINE_USER})
        page = self._providers.messenger.open_page(_PAGE)
        await self._own("PUT", "/v1/program/line", {
            "channel_id": line.channel_id, "channel_secret": line.secret, "access_token": line.token,
            "login_channel_id": _LOGIN_CHANNEL, "link_url": "https://card.noren.example/line",
        })  # fmt: skip
        await self._own("PUT", "/v1/program/mail", {
            "sender_name": "喫茶暖簾", "postal_address": "東京都渋谷区1-2-3", "contact": "https://noren.example/contact",
        })  # fmt: skip
        body = {"page_id": _PAGE, "app_secret": page.app_secret, "access_token": page.access_token}
        connected = await self._client.ask(
            _Page, "PUT", "/v1/program/messenger", self._owner_token, body | {"verify_token": "noren"}
        )
        by_mail, by_call = await self._find_reachable("email"), await self._find_reachable("voice")
        for campaign in for_whom_is_reached(by_mail, by_call, utc_now()):
            await self._own("POST", "/v1/campaigns", campaign)
        return line, page, connected.webhook_url

    async def _find_reachable(self, by: str) -> str:
        audience = {"name": f"Reachable by {by}", "tree": {"type": "reachable", "by": by}}
        return (await self._client.ask(Created, "POST", "/v1/audiences", self._owner_token, audience)).id

    async def _own(self, method: str, path: str, body: Body) -> None:
        await self._client.ask(object, method, path, self._owner_token, body)

    async def _confirm(self, tray: Tray, app: App, contact: str, verification_id: str) -> None:
        code = await tray.wait_for_code(contact, _WITHIN_S)
        if code is not None:
            await app.confirm(verification_id, code)

    async def _link_line(self, enrolled: Enrolled, line: Channel) -> None:
        token = enrolled.device_token
        consents = {
            "consents": [
                {"purpose": purpose, "granted": True, "text_version": "2026-04"} for purpose in ("email", "voice")
            ]
        }
        await self._client.ask(object, "PUT", "/v1/me/consents", token, consents)
        id_token = self._providers.line.add_id_token(_LOGIN_CHANNEL, _LINE_USER)
        await self._client.ask(object, "PUT", "/v1/me/line", token, {"id_token": id_token})

    async def _write_to_page(self, enrolled: Enrolled, page: Page, webhook_url: str) -> None:
        """And be answered."""
        begun = await self._client.ask(_Linking, "POST", "/v1/me/messenger/link", enrolled.device_token)
        ref = parse_qs(urlsplit(begun.url).query)["ref"][0]
        referral = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
        body, headers = page.write_webhook([message(_FACEBOOK_USER, "何時まで営業していますか?", referral=referral)])
        await self._client.post_webhook(urlsplit(webhook_url).path, body, headers)
        answer = {"text": "はい、22時まで営業しています。"}
        await self._own("POST", f"/v1/members/{enrolled.member_id}/messenger-replies", answer)

    async def _drop_in(self, app: App, outlet: Outlet) -> None:
        fixes = trip_to(outlet.shop.door, outlet.shop.station, utc_now(), Random(1)).arriving
        for start in range(0, len(fixes), _BATCH):
            await app.upload(fixes[start : start + _BATCH])

    async def _wait(self, app: App) -> None:
        """Show each as it comes, until all have."""
        seen: Counter[str] = Counter()
        deadline = time.monotonic() + _WITHIN_S
        while any(seen[by] < count for by, count in WANTED.items()) and time.monotonic() < deadline:
            for by, lines in self._arrived(app).items():
                for line in lines[seen[by] :]:
                    self._board.tell(NAME, f"by {by}", line.splitlines()[0])
                    self._board.count(f"told_by_{by}")
                seen[by] = len(lines)
            await asyncio.sleep(_LOOK_EVERY_S)
        for by, count in WANTED.items():
            if seen[by] < count:
                self._board.fault(f"{NAME} was told {seen[by]} of {count} times by {by}")

    def _arrived(self, app: App) -> Mapping[str, Sequence[str]]:
        pushed = [each.message for each in self._fcm.accepted() if each.token == app.push_token]
        on_line = [each.messages[0] for each in self._providers.line.received if each.user_id == _LINE_USER]
        phoned = self._providers.phone.taken(PHONE)
        return {
            "push": [each.notification.title or "" for each in pushed if each.notification is not None],
            "email": [each.subject for each in self._providers.smtp.received if each.recipient == EMAIL],
            "sms": [each.form["Body"] for each in phoned if each.kind == "Messages"],
            "call": [_spoken(each.form["Twiml"]) for each in phoned if each.kind == "Calls"],
            "line": [each.get("altText") or each.get("text") or "" for each in on_line],
            "messenger": [text for _, person, text in self._providers.messenger.received if person == _FACEBOOK_USER],
        }


def _spoken(twiml: str) -> str:
    """The words of a call that are read out."""
    said = re.search(r"<Say[^>]*>([^<]*)", twiml)
    return said[1] if said else ""
