"""Web push as a browser has it: where it registers, and how a push comes to it."""

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from devtools.fcm_web_double import FcmWebDouble
from tests.support.visitors import Visitor

if TYPE_CHECKING:
    from playwright.async_api import Route

# A point of P-256, as a VAPID key is one.
CONFIG = {
    "apiKey": "AIzaSyNorenTests",
    "projectId": "noren-tests",
    "messagingSenderId": "123456789012",
    "appId": "1:123456789012:web:0123456789abcdef",
    "vapidKey": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
}
# What a browser's own push service answers: there is none without a network.
_SUBSCRIBE = """
PushManager.prototype.getSubscription = async () => null;
PushManager.prototype.subscribe = async ({ applicationServerKey }) => ({
  endpoint: "https://push.example/one",
  options: { applicationServerKey },
  getKey: (name) => new Uint8Array(name === "auth" ? 16 : 65).buffer,
  unsubscribe: async () => true,
});
"""


@cache
def write_web_config() -> Path:
    path = Path(tempfile.mkdtemp(prefix="noren-web-push-")) / "firebase.json"
    path.write_text(json.dumps(CONFIG), encoding="utf-8")
    return path


async def lead_to_double(visitor: Visitor, double: FcmWebDouble) -> None:
    """What the page asks Google's hosts, which its policy must allow, the double answers over its socket."""

    async def forward(route: "Route") -> None:
        path = "/" + route.request.url.split("/", 3)[3]
        await route.fulfill(response=await route.fetch(url=double.endpoint + path))

    for host in ("firebaseinstallations", "fcmregistrations"):
        await visitor.context.route(f"https://{host}.googleapis.com/**", forward)
    await visitor.context.add_init_script(_SUBSCRIBE)


async def deliver_push(visitor: Visitor, origin: str, message: dict[str, object]) -> None:
    """By the browser's own protocol: as if its push service had brought it."""
    session = await visitor.context.new_cdp_session(visitor.page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(each["registrationId"] for each in event["registrations"]),
    )
    await session.send("ServiceWorker.enable")
    while not found:
        await visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    data = {"origin": origin, "registrationId": found[0], "data": json.dumps(message)}
    await session.send("ServiceWorker.deliverPushMessage", data)
