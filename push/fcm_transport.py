"""The HTTP adapter below firebase-admin: no retries of its own, and another endpoint where one is set.

Retries belong to the outbox, which is durable and knows each message's end; urllib3's would hold a thread
for as long as Retry-After says. Adapters are how requests is meant to be extended.
"""

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from kit import tracing
from push.fcm import FCM_ORIGIN


class FcmAdapter(HTTPAdapter):
    def __init__(self, endpoint: str | None, connections: int) -> None:
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=0)
        self._endpoint = endpoint.rstrip("/") if endpoint else None

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        if self._endpoint is not None and request.url is not None:
            request.url = self._endpoint + request.url.removeprefix(FCM_ORIGIN)
            # The session chose the proxies for Google's address.
            options["proxies"] = requests.utils.get_environ_proxies(request.url)
        with tracing.calling("fcm", request.method or "POST") as call:
            request.headers.update(call.headers)
            response = super().send(request, **options)
            call.answered(response.status_code)
            return response
