"""A double of Google Wallet: its REST API for loyalty cards and the OAuth2 token endpoint, over a real socket.

with GoogleWalletDouble() as double:
    GoogleWallet(account of double.service_account, double.issuer_id, double.endpoint)
    double.fail_next(503, retry_after_s=3)      # once, then success again
    double.objects                              # what it holds, by id
"""

import copy
from collections import deque
from typing import Any

import msgspec

from devtools.google_wallet_rules import RESOURCES
from devtools.service_account import WALLET_SCOPES, TokenIssuer, make_service_account
from devtools.socket_double import Answer, Scope, SocketDouble, bearer_of, grant_token

_PREFIX = "/walletobjects/v1/"

Json = dict[str, Any]


class GoogleWalletDouble(SocketDouble):
    def __init__(self, port: int = 0, issuer_id: str = "3388000000012345678") -> None:
        super().__init__(port, "Google Wallet double")
        self.issuer_id = issuer_id
        self.service_account = make_service_account(f"{self.endpoint}/token")
        self.tokens = TokenIssuer(self.service_account, WALLET_SCOPES)
        self.calls: list[tuple[str, str]] = []
        self._held: dict[str, dict[str, Json]] = {name: {} for name in RESOURCES}
        self._failures: deque[tuple[int, int | None]] = deque()

    @property
    def objects(self) -> dict[str, Json]:
        return copy.deepcopy(self._held["loyaltyObject"])

    @property
    def classes(self) -> dict[str, Json]:
        return copy.deepcopy(self._held["loyaltyClass"])

    def fail_next(self, status: int, *, times: int = 1, retry_after_s: int | None = None) -> None:
        """With a message that quotes what was sent, as Google's may."""
        self._failures.extend([(status, retry_after_s)] * times)

    def forget(self) -> None:
        """Everything: objects, classes, failures to come and what was called."""
        for held in self._held.values():
            held.clear()
        self._failures.clear()
        self.calls.clear()

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        method, path = scope["method"], scope["path"]
        if (method, path) == ("POST", "/token"):
            return grant_token(self.tokens, body)
        resource, _, resource_id = path.removeprefix(_PREFIX).partition("/")
        if not path.startswith(_PREFIX) or resource not in RESOURCES:
            return await super().answer(scope, body)
        self.calls.append((method, path.removeprefix(_PREFIX)))
        content = msgspec.json.decode(body, type=dict[str, Any])
        if not self.tokens.accepts(bearer_of(scope)):
            return _failed(401, "Request had invalid authentication credentials.")
        if self._failures:
            status, retry_after_s = self._failures.popleft()
            return _failed(status, f"Invalid value: {content.get('rotatingBarcode', content)}", retry_after_s)
        if method == "POST" and not resource_id:
            return self._insert(resource, content)
        if method == "PATCH" and resource_id:
            return self._patch(resource, resource_id, content)
        return _failed(404, "Method not found.")

    def _insert(self, resource: str, content: Json) -> Answer:
        held = self._held[resource]
        if content.get("id") in held:
            return _failed(409, f"Resource {content['id']} already exists.")
        return self._keep(resource, content)

    def _patch(self, resource: str, resource_id: str, change: Json) -> Answer:
        """Semantics of Google's patch: what is named is replaced, and null takes away."""
        former = self._held[resource].get(resource_id)
        if former is None:
            return _failed(404, f"Resource {resource_id} not found.")
        changed = {name: value for name, value in (former | change).items() if value is not None}
        return self._keep(resource, changed | {"id": resource_id})

    def _keep(self, resource: str, content: Json) -> Answer:
        try:
            msgspec.convert(content, RESOURCES[resource])
        except msgspec.ValidationError as error:
            return _failed(400, f"Invalid JSON payload received: {error}")
        if not content["id"].startswith(f"{self.issuer_id}."):
            return _failed(403, "Permission denied.")
        if resource == "loyaltyObject" and content["classId"] not in self._held["loyaltyClass"]:
            return _failed(404, f"Class {content['classId']} not found.")
        self._held[resource][content["id"]] = content
        return Answer(200, msgspec.json.encode(content))


def _failed(status: int, message: str, retry_after_s: int | None = None) -> Answer:
    body = msgspec.json.encode({"error": {"code": status, "message": message}})
    return Answer(status, body, retry_after_s)
