"""A double of what a browser registers with for web push: Firebase Installations and FCM's registrations.

Their paths do not overlap, so one server stands for both hosts. It refuses what they refuse: a wrong API key, a
registration without an installation's token.
"""

import secrets
from typing import Any

import msgspec

from devtools.socket_double import Answer, Scope, SocketDouble

# Any page may ask them.
_CORS = (("access-control-allow-origin", "*"),)


class FcmWebDouble(SocketDouble):
    """`subscriptions`: by registration token, what the browser said of its push service."""

    def __init__(self, api_key: str, project: str, port: int = 0) -> None:
        super().__init__(port, "FCM web double")
        self._api_key, self._project = api_key, project
        self._tokens: set[str] = set()
        self.subscriptions: dict[str, dict[str, Any]] = {}

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if headers.get("x-goog-api-key") != self._api_key:
            return _write(403, {"error": {"code": 403, "message": "API key not valid.", "status": "PERMISSION_DENIED"}})
        if (scope["method"], scope["path"]) == ("POST", f"/v1/projects/{self._project}/installations"):
            return self._install(msgspec.json.decode(body))
        if (scope["method"], scope["path"]) == ("POST", f"/v1/projects/{self._project}/registrations"):
            return self._register(headers, msgspec.json.decode(body))
        return _write(404, {"error": {"code": 404, "message": "Not found.", "status": "NOT_FOUND"}})

    def _install(self, asked: dict[str, Any]) -> Answer:
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        return _write(
            200,
            {
                "name": f"projects/{self._project}/installations/{asked['fid']}",
                "fid": asked["fid"],
                "refreshToken": secrets.token_urlsafe(24),
                "authToken": {"token": token, "expiresIn": "604800s"},
            },
        )

    def _register(self, headers: dict[str, str], asked: dict[str, Any]) -> Answer:
        if headers.get("x-goog-firebase-installations-auth", "").removeprefix("FIS ") not in self._tokens:
            return _write(401, {"error": {"code": 401, "message": "No installation.", "status": "UNAUTHENTICATED"}})
        token = secrets.token_urlsafe(48)
        self.subscriptions[token] = asked["web"]
        return _write(200, {"token": token, "web": asked["web"]})


def _write(status: int, content: dict[str, Any]) -> Answer:
    return Answer(status, msgspec.json.encode(content), headers=_CORS)
