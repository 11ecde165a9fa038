"""A double of Meta's Send API for one app, over a real socket. It signs webhooks.

with MessengerDouble() as meta:
    page = meta.open_page("104567890123456")          # its app secret and access token
    MessengerApi(meta.endpoint)
    meta.faults.append(Fault(500))                    # of the next calls, in order
    meta.received                                     # what people got, in order
    body, headers = page.write_webhook([message("p-1", "hello")])
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from devtools.socket_double import Answer, Scope, SocketDouble, bearer_of

Json = dict[str, Any]


@dataclass
class Page:
    page_id: str
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    access_token: str = field(default_factory=lambda: secrets.token_urlsafe(64))

    def write_webhook(self, events: Sequence[Json]) -> tuple[bytes, dict[str, str]]:
        """The body and headers that Meta would post."""
        entry = {"id": self.page_id, "time": int(time.time() * 1000), "messaging": list(events)}
        body = msgspec.json.encode({"object": "page", "entry": [entry]})
        return body, {"Content-Type": "application/json", "X-Hub-Signature-256": self.sign(body)}

    def sign(self, body: bytes) -> str:
        return "sha256=" + hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Fault:
    """Of one call: `code` and `subcode` are Meta's own, in its body; without them the body is a gateway's."""

    status: int = 0
    code: int | None = None
    subcode: int = 0
    slow_s: float = 0
    is_cut: bool = False


class MessengerDouble(SocketDouble):
    """`received`: (page id, person, text)."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port, "Messenger double")
        self.pages: dict[str, Page] = {}
        self.received: list[tuple[str, str, str]] = []
        self.calls: list[str] = []
        self.faults: deque[Fault] = deque()

    def open_page(self, page_id: str) -> Page:
        page = self.pages[page_id] = Page(page_id)
        return page

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        self.calls.append(f"{scope['method']} {scope['path']}")
        fault = self.faults.popleft() if self.faults else Fault()
        if fault.status:
            return _refused(fault.status, fault.code, fault.subcode)
        answer = self._send(scope, msgspec.json.decode(body or b"{}"))
        await asyncio.sleep(fault.slow_s)
        return replace(answer, is_cut=True) if fault.is_cut else answer

    def _send(self, scope: Scope, request: Json) -> Answer:
        _, _, page_id, what = scope["path"].split("/")
        page = self.pages.get(page_id)
        if page is None or bearer_of(scope) != page.access_token:
            return _refused(400, 190)
        if what != "messages" or request["messaging_type"] != "RESPONSE":  # no tag reaches anybody any more
            return _refused(400, 100)
        self.received.append((page_id, request["recipient"]["id"], request["message"]["text"]))
        sent = {"recipient_id": request["recipient"]["id"], "message_id": f"m_{len(self.received)}"}
        return Answer(200, msgspec.json.encode(sent))


def message(user_id: str, text: str, *, ago_s: float = 0, **details: Any) -> Json:
    """What a person writes to the page."""
    return {
        "sender": {"id": user_id},
        "recipient": {"id": "page"},
        "timestamp": int((time.time() - ago_s) * 1000),
        "message": {"mid": f"m_{secrets.token_hex(8)}", "text": text},
        **details,
    }


def _refused(status: int, code: int | None, subcode: int = 0) -> Answer:
    if code is None:
        return Answer(status, b"<html>Bad gateway</html>")
    error = {"message": "what was sent", "type": "OAuthException", "code": code, "error_subcode": subcode}
    return Answer(status, msgspec.json.encode({"error": error}))
