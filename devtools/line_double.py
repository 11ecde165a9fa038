"""A double of LINE: the Messaging API, its pictures and the check of ID tokens, over a real socket. It signs webhooks.

    with LineDouble() as line:
        channel = line.open_channel("1650000001")           # its secret, access token and bot
        LineApi(line.endpoint)
        line.faults.extend([rate_limited(retry_after_s=1)]) # of the next calls, in order
        line.received                                       # the messages that people got, in order
        body, headers = channel.write_webhook([follow("U1")])

What it refuses is what LINE refuses: unknown tokens and users, a retry key that was accepted, a reply token or a link
token that was used, too many messages, a month that is spent.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

import msgspec

from devtools.line_events import Json, sign
from devtools.line_menus import RichMenus
from devtools.socket_double import Answer, Scope, SocketDouble, bearer_of

MOST_MESSAGES = 5


@dataclass
class Channel:
    """An official account. `limit` None: as many messages a month as one likes."""

    channel_id: str
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(64))
    bot_user_id: str = field(default_factory=lambda: "U" + secrets.token_hex(16))
    friends: set[str] = field(default_factory=set)
    limit: int | None = None
    sent: int = 0
    menus: RichMenus = field(default_factory=RichMenus)

    def write_webhook(self, events: Sequence[Json]) -> tuple[bytes, dict[str, str]]:
        """The body and headers that LINE would post."""
        body = msgspec.json.encode({"destination": self.bot_user_id, "events": list(events)})
        return body, {"Content-Type": "application/json; charset=utf-8", "X-Line-Signature": sign(self.secret, body)}


@dataclass(frozen=True)
class Received:
    """What one person's phone got. `by` is `push` or `reply`."""

    user_id: str
    messages: list[Json]
    by: str
    retry_key: str | None = None


@dataclass(frozen=True)
class Fault:
    """Of one call. `is_cut` and `slow_s` come after its effect: the caller does not learn of it, or learns it late."""

    status: int = 0
    message: str = ""
    retry_after_s: int | None = None
    slow_s: float = 0
    is_cut: bool = False
    location: str | None = None


def rate_limited(retry_after_s: int | None = None) -> Fault:
    return Fault(429, "The API rate limit has been exceeded. Try again later.", retry_after_s)


def month_spent() -> Fault:
    return Fault(429, "You have reached your monthly limit.")


def broken(status: int = 500) -> Fault:
    return Fault(status, "Internal Server Error")


class LineDouble(SocketDouble):
    def __init__(self, port: int = 0) -> None:
        super().__init__(port, "LINE double")
        self.channels: dict[str, Channel] = {}
        self.calls: list[str] = []
        self.received: list[Received] = []
        self.faults: deque[Fault] = deque()
        # ID token -> (the login channel that it is for, the claims that LINE's check answers).
        self.id_tokens: dict[str, tuple[str, Json]] = {}
        self.link_tokens: dict[str, str] = {}
        self.reply_tokens: dict[str, str] = {}
        self._accepted: dict[str, str] = {}

    def forget(self) -> None:
        """Everything: channels, tokens, what was called and received, and faults to come."""
        for held in (self.channels, self.id_tokens, self.link_tokens, self.reply_tokens, self._accepted):
            held.clear()
        for row in (self.calls, self.received, self.faults):
            row.clear()

    def open_channel(self, channel_id: str, **changes: Any) -> Channel:
        channel = Channel(channel_id, **changes)
        self.channels[channel.token] = channel
        return channel

    def add_id_token(self, login_channel_id: str, user_id: str) -> str:
        token = secrets.token_urlsafe(48)
        self.id_tokens[token] = login_channel_id, {"sub": user_id, "aud": login_channel_id, "name": "Hana"}
        return token

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        method, path = scope["method"], scope["path"]
        self.calls.append(f"{method} {path}")
        fault = self.faults.popleft() if self.faults else Fault()
        if fault.status:
            headers = () if fault.location is None else (("location", fault.location),)
            return _refused(fault.status, fault.message, fault.retry_after_s, headers=headers)
        answer = self._answer_call(method, path, scope, body)
        await asyncio.sleep(fault.slow_s)
        return replace(answer, is_cut=True) if fault.is_cut else answer

    def _answer_call(self, method: str, path: str, scope: Scope, body: bytes) -> Answer:
        if (method, path) == ("POST", "/oauth2/v2.1/verify"):
            return self._verify(body)
        channel = self.channels.get(bearer_of(scope))
        if channel is None:
            return _refused(401, "Authentication failed. Confirm that the access token is valid.")
        menus = channel.menus.answer(method, path, body)
        if menus is not None:
            return Answer(menus[0], msgspec.json.encode(menus[1]))
        if method == "POST" and path == "/v2/bot/message/push":
            return self._push(channel, _header(scope, b"x-line-retry-key"), msgspec.json.decode(body))
        if method == "POST" and path == "/v2/bot/message/reply":
            return self._reply(channel, msgspec.json.decode(body))
        if method == "POST" and path.startswith("/v2/bot/user/") and path.endswith("/linkToken"):
            token = secrets.token_urlsafe(24)
            self.link_tokens[token] = path.split("/")[4]
            return _ok({"linkToken": token})
        return _say_of(channel, path) or _refused(404, "Not found")

    def _push(self, channel: Channel, retry_key: str | None, request: Json) -> Answer:
        if retry_key is not None and retry_key in self._accepted:
            accepted = ("x-line-accepted-request-id", self._accepted[retry_key])
            return _refused(409, "The retry key is already accepted", headers=(accepted,))
        wrong = _find_fault(request["messages"])
        if wrong is not None:
            return _refused(400, wrong)
        if not request["to"].startswith("U"):
            return _refused(400, "Failed to send messages")
        if channel.limit is not None and channel.sent >= channel.limit:
            return _refused(429, month_spent().message)
        channel.sent += 1
        if request["to"] in channel.friends:  # who has blocked the account gets nothing, and LINE says 200
            self.received.append(Received(request["to"], request["messages"], "push", retry_key))
        request_id = secrets.token_hex(8)
        if retry_key is not None:
            self._accepted[retry_key] = request_id
        return _ok({"sentMessages": [{"id": str(len(self.received))}]}, (("x-line-request-id", request_id),))

    def _reply(self, channel: Channel, request: Json) -> Answer:
        user_id = self.reply_tokens.pop(request["replyToken"], None)
        if user_id is None:
            return _refused(400, "Invalid reply token")
        wrong = _find_fault(request["messages"])
        if wrong is not None:
            return _refused(400, wrong)
        self.received.append(Received(user_id, request["messages"], "reply"))
        return _ok({"sentMessages": [{"id": str(len(self.received))}]})

    def _verify(self, body: bytes) -> Answer:
        form = parse_qs(body.decode())
        login_channel_id, claims = self.id_tokens.get(form.get("id_token", [""])[0], ("", {}))
        if not claims or form.get("client_id") != [login_channel_id]:
            return Answer(
                400, msgspec.json.encode({"error": "invalid_request", "error_description": "Invalid IdToken."})
            )
        return _ok(claims)


def _say_of(channel: Channel, path: str) -> Answer | None:
    limited = {"type": "none"} if channel.limit is None else {"type": "limited", "value": channel.limit}
    said: dict[str, Json] = {
        "/v2/bot/info": {
            "userId": channel.bot_user_id, "basicId": "@noren", "displayName": "Kissa", "chatMode": "bot",
            "markAsReadMode": "auto",
        },
        "/v2/bot/message/quota": limited,
        "/v2/bot/message/quota/consumption": {"totalUsage": channel.sent},
    }  # fmt: skip
    return _ok(said[path]) if path in said else None


def _find_fault(messages: list[Json]) -> str | None:
    """The limits that a message must keep to, as far as LINE checks them before it sends."""
    if not 1 <= len(messages) <= MOST_MESSAGES:
        return "The request body has 1 error(s)"
    for message in messages:
        if message["type"] == "flex" and not 1 <= len(message["altText"]) <= 1500:
            return "May not be longer than 1500 characters"
        if message["type"] == "text" and not 1 <= len(message["text"]) <= 5000:
            return "Length must be between 0 and 5000"
    return None


def _ok(body: Json, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(200, msgspec.json.encode(body), headers=headers)


def _refused(
    status: int, message: str, retry_after_s: int | None = None, *, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    return Answer(status, msgspec.json.encode({"message": message}), retry_after_s, headers)


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode() for key, value in scope["headers"] if key == name), None)
