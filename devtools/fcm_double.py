"""A double of FCM: HTTP v1 and the OAuth2 token endpoint over a real socket, since FCM has no emulator.

    with FcmDouble() as double:
        FcmSender(double.service_account, endpoint=double.endpoint)
        double.script("some-token", [UNAVAILABLE])     # the next answer for that token, then success again
        double.received                                # what arrived, in order
    double.phones["some-token"] = Phone("android") # takes what is accepted for it from now on

`python -m devtools.fcm_double --port 0 --account FILE` runs it alone and writes the service account to FILE.
"""

import argparse
import asyncio
import json
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from devtools.fcm_phones import Phone
from devtools.fcm_rules import BY_PREFIX, UNAUTHENTICATED, Message, Refusal, SendRequest, read_request
from devtools.service_account import TokenIssuer, make_service_account
from devtools.socket_double import Answer, Scope, SocketDouble, bearer_of, grant_token


@dataclass(frozen=True)
class Received:
    """One well-formed message that an authenticated sender posted, and what it was answered (None: accepted)."""

    message: Message
    refusal: Refusal | None

    @property
    def token(self) -> str:
        return self.message.token or self.message.fid or ""


class FcmDouble(SocketDouble):
    """The server. Enter it to start, leave it to stop; `port=0` takes a free one."""

    def __init__(self, port: int = 0, project_id: str = "noren-double") -> None:
        super().__init__(port, "FCM double")
        self.service_account = make_service_account(f"{self.endpoint}/token", project_id)
        self.issuer = TokenIssuer(self.service_account)
        self.received: list[Received] = []
        self.phones: dict[str, Phone] = {}
        self._send_path = f"/v1/projects/{project_id}/messages:send"
        self._name_prefix = f"projects/{project_id}/messages"
        self._scripts: defaultdict[str, deque[Refusal | None]] = defaultdict(deque)

    def script(self, token: str, answers: Iterable[Refusal | None]) -> None:
        """Answer the next messages to `token` with these, in order; None accepts. A script outdoes a prefix."""
        self._scripts[token].extend(answers)

    def trust(self, account: dict[str, str]) -> None:
        """Honour another service account from now on, such as that of a double which stood here before."""
        self.issuer.account = account

    def accepted(self) -> list[Received]:
        return [each for each in self.received if each.refusal is None]

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        if scope["method"] == "POST" and scope["path"] == "/token":
            return grant_token(self.issuer, body)
        if scope["method"] == "POST" and scope["path"] == self._send_path:
            return await self._take(bearer_of(scope), body)
        return await super().answer(scope, body)

    async def _take(self, access_token: str, body: bytes) -> Answer:
        if not self.issuer.accepts(access_token):
            return _refused(UNAUTHENTICATED)
        request = read_request(body)
        if isinstance(request, Refusal):
            return _refused(request)
        refusal = self._refusal_of(request)
        if refusal is not None and refusal.delay_s:
            await asyncio.sleep(refusal.delay_s)
        self.received.append(Received(request.message, refusal))
        if refusal is not None:
            return _refused(refusal)
        if (phone := self.phones.get(self.received[-1].token)) is not None:
            phone.receive(request.message)
        name = f"{self._name_prefix}/0:{time.time_ns() // 1000}%{secrets.token_hex(8)}"
        return Answer(200, msgspec.json.encode({"name": name}))

    def _refusal_of(self, request: SendRequest) -> Refusal | None:
        token = request.message.token or request.message.fid or ""
        scripted = self._scripts.get(token)
        if scripted:
            return scripted.popleft()
        return next((refusal for prefix, refusal in BY_PREFIX.items() if token.startswith(prefix)), None)


def _refused(refusal: Refusal) -> Answer:
    return Answer(refusal.http_status, refusal.body(), refusal.retry_after_s)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m devtools.fcm_double", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account", type=Path, required=True, help="where to write the service account")
    options = parser.parse_args()
    with FcmDouble(options.port) as double:
        options.account.touch(mode=0o600)
        options.account.write_text(json.dumps(double.service_account))
        print(json.dumps({"endpoint": double.endpoint, "account": str(options.account)}), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"{len(double.received)} messages", flush=True)


if __name__ == "__main__":
    main()
