"""A double of a domestic SMS route: the plain HTTP of docs/phone.md over a real socket, with signed reports.

with DirectSmsDouble() as double:
    double.url, double.key                          # for a program's account
    double.script("+8190…", [Answer(429, b"", 3)])  # the next answers to this number; after them each is taken
    double.received                                 # every request that was read
    double.report("+8190…", "delivered")            # to be posted by devtools.twilio_double.call_back
"""

import hmac
import secrets
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any

import msgspec

from devtools.socket_double import Answer, Scope, SocketDouble, bearer_of
from devtools.twilio_double import Callback
from kit.clock import utc_now

_NEEDED = ("id", "to", "from", "text", "report_url", "expires_at")


class DirectSmsDouble(SocketDouble):
    def __init__(self, port: int = 0) -> None:
        super().__init__(port, "direct SMS double")
        self.key = secrets.token_hex(16)
        self.received: list[dict[str, str]] = []
        self._scripts: defaultdict[str, deque[Answer]] = defaultdict(deque)

    @property
    def url(self) -> str:
        return f"{self.endpoint}/send"

    def script(self, to: str, answers: Iterable[Answer]) -> None:
        self._scripts[to].extend(answers)

    def report(self, number: str, status: str, *, age_s: float = 0.0, **more: str) -> Callback:
        last = next(each for each in reversed(self.received) if each["to"] == number)
        body = msgspec.json.encode({"status": status} | more)
        timestamp = str(int(utc_now().timestamp() - age_s))
        signature = hmac.new(self.key.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Noren-Timestamp": timestamp,
            "X-Noren-Signature": signature,
        }
        return Callback(last["report_url"], body, headers)

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        if (scope["method"], scope["path"]) != ("POST", "/send"):
            return await super().answer(scope, body)
        if bearer_of(scope) != self.key:
            return Answer(401, b'{"code":"credentials"}')
        request: dict[str, Any] = msgspec.json.decode(body)
        missing = [name for name in _NEEDED if not request.get(name)]
        if missing:
            return Answer(400, msgspec.json.encode({"code": "bad_request", "missing": missing}))
        self.received.append(request)
        script = self._scripts[request["to"]]
        if script:
            return script.popleft()
        return Answer(202, msgspec.json.encode({"message_id": f"d-{len(self.received)}"}))
