"""A double of a provider that speaks Twilio's dialect: texts and calls over a real socket, and signed webhooks.

with TwilioDouble() as double:
    double.account_sid, double.auth_token, double.api_url      # for a program's account
    double.script("+8190…", [TooMany(retry_after_s=3), Cut(), Accepted()])
    double.received                                            # every request that was read, whatever was answered
    double.report("+8190…", ["sent", "delivered"])             # signed; `double.call_back(client)` posts them

What it answers follows Twilio's REST API 2010-04-01: a text or call is created by a form, refused with `code` and
`message`. Numbers of its own: one that ends in 0610 has opted out (21610), in 0614 is a landline (21614).
"""

import asyncio
import itertools
import secrets
from base64 import b64decode
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import msgspec
from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
)

from devtools.socket_double import Answer, Receive, Scope, Send, SocketDouble

_PREFIX = "/2010-04-01/Accounts/"
_BY_ENDING = {"0610": (21610, "Attempt to send to unsubscribed recipient"), "0614": (21614, "'To' is not mobile")}
_NEEDED = {"Messages": ("To", "Body"), "Calls": ("To", "From", "Twiml")}


@dataclass(frozen=True)
class Accepted:
    """`delay_s`: before it answers. `says`: what it answers in place of the text that was made."""

    delay_s: float = 0.0
    says: bytes | None = None


@dataclass(frozen=True)
class Refused:
    """The request was read, and not taken."""

    status: int = 400
    code: int | None = None
    retry_after_s: int | None = None
    halves_s: float | None = None


@dataclass(frozen=True)
class Broken:
    """It was taken, and the answer says otherwise."""

    status: int = 500


@dataclass(frozen=True)
class Cut:
    """The connection ends after the request was read; `is_taken`: what nobody but the provider knows."""

    is_taken: bool = True


Behaviour = Accepted | Refused | Broken | Cut


@dataclass(frozen=True)
class Received:
    """A request that was read. `sid`: None where it was not taken."""

    kind: str  # Messages or Calls
    form: Mapping[str, str]
    sid: str | None

    @property
    def to(self) -> str:
        return self.form["To"]


@dataclass(frozen=True)
class Callback:
    """A webhook as it goes over the wire."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class TwilioDouble(SocketDouble):
    """`shared_key`: where there is one, webhooks are signed by it."""

    def __init__(self, port: int = 0, shared_key: str | None = None) -> None:
        super().__init__(port, "Twilio double")
        self.account_sid = "AC" + secrets.token_hex(16)
        self.auth_token = secrets.token_hex(16)
        self.shared_key = shared_key
        self.received: list[Received] = []
        self._scripts: defaultdict[str, deque[Behaviour]] = defaultdict(deque)
        self._numbers = itertools.count(1)

    @property
    def api_url(self) -> str:
        return self.endpoint

    def script(self, to: str, behaviours: Iterable[Behaviour]) -> None:
        """What becomes of the next requests for this number, in order; after them each is accepted."""
        self._scripts[to].extend(behaviours)

    def taken(self, to: str) -> list[Received]:
        """What reached this number's phone, or would have."""
        return [each for each in self.received if each.to == to and each.sid is not None]

    def report(self, to: str, statuses: Iterable[str], **more: str) -> list[Callback]:
        """Reports of the last text or call that was taken for this number, signed, in this order."""
        last = self.taken(to)[-1]
        name, sid_name = ("MessageStatus", "MessageSid") if last.kind == "Messages" else ("CallStatus", "CallSid")
        forms = [{sid_name: last.sid or "", name: each, "To": to, "AccountSid": self.account_sid} for each in statuses]
        return [self.sign(last.form["StatusCallback"], form | more) for form in forms]

    def sign(self, url: str, form: Mapping[str, str]) -> Callback:
        """By the auth token, or by the shared key where there is one."""
        algorithm = HMAC_SHA1 if self.shared_key is None else HMAC_SHA256
        validator = RequestValidator(self.shared_key or self.auth_token)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            SIGNATURE_HEADER: validator.compute_signature(url, dict(form), algorithm),
        }
        if self.shared_key is not None:
            headers[SIGNATURE_SETTINGS_HEADER] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
        return Callback(url, urlencode(form).encode(), headers)

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        path: str = scope["path"]
        account, _, resource = path.removeprefix(_PREFIX).partition("/")
        kind = resource.removesuffix(".json")
        if scope["method"] != "POST" or not path.startswith(_PREFIX) or kind not in _NEEDED:
            return _refuse(404, 20404, f"The requested resource {path} was not found")
        if account != self.account_sid or not self._is_known(scope):
            return _refuse(401, 20003, "Authenticate")
        form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        missing = [name for name in _NEEDED[kind] if not form.get(name)]
        if missing or (kind == "Messages" and not (form.get("From") or form.get("MessagingServiceSid"))):
            return _refuse(400, 21604, f"A required parameter is missing: {missing}")
        return await self._take(scope, kind, form)

    async def _take(self, scope: Scope, kind: str, form: dict[str, str]) -> Answer:
        to = form["To"]
        script = self._scripts[to]
        behaviour = script.popleft() if script else self._usual(to)
        is_taken = isinstance(behaviour, Accepted | Broken) or (isinstance(behaviour, Cut) and behaviour.is_taken)
        letters = "SM" if kind == "Messages" else "CA"
        sid = f"{letters}{next(self._numbers):032x}" if is_taken else None
        self.received.append(Received(kind, form, sid))
        if isinstance(behaviour, Cut):
            scope["cut"] = True
            return Answer(500, b"")
        if isinstance(behaviour, Refused):
            refusal = _refuse(behaviour.status, behaviour.code, "refused")
            return replace(refusal, retry_after_s=behaviour.retry_after_s, halves_s=behaviour.halves_s)
        if isinstance(behaviour, Broken):
            return Answer(behaviour.status, b"<html>oops</html>")
        await asyncio.sleep(behaviour.delay_s)
        created = {"sid": sid, "status": "queued", "to": to, "from": form.get("From"), "account_sid": self.account_sid}
        return Answer(201, msgspec.json.encode(created) if behaviour.says is None else behaviour.says)

    def _usual(self, to: str) -> Behaviour:
        code = _BY_ENDING.get(to[-4:])
        return Accepted() if code is None else Refused(400, code[0])

    def _is_known(self, scope: Scope) -> bool:
        header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        shown = b64decode(header.removeprefix(b"Basic ")) if header.startswith(b"Basic ") else b""
        return shown == f"{self.account_sid}:{self.auth_token}".encode()

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_or_cut(event: MutableMapping[str, Any]) -> None:
            if "cut" not in scope:
                await send(event)
            elif event["type"] == "http.response.start":
                getattr(send, "__self__").transport.abort()  # noqa: B009 - of uvicorn's cycle of this request
                await asyncio.sleep(0.01)  # it hears of it, and so does not complain that nothing was answered

        await super()._app(scope, receive, send_or_cut)


async def call_back(http: httpx.AsyncClient, callbacks: Iterable[Callback]) -> list[httpx.Response]:
    """Post webhooks as a provider does, one after the other."""
    return [await http.post(each.url, content=each.body, headers=dict(each.headers)) for each in callbacks]


def _refuse(status: int, code: int | None, message: str) -> Answer:
    return Answer(status, msgspec.json.encode({"code": code, "message": message, "status": status}))
