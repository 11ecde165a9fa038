"""`python -m bench.push_contenders KIND ENDPOINT FOLDER MESSAGES`: one client of `./run bench push`.

In a process of its own. Tells messages per second of its own CPU, and of the clock.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import uvloop

from kit.ids import new_id
from push.fcm import FcmSender
from push.messages import Push
from push.sender import Sender

KINDS = ("direct", "today", "send_each", "send_each_async")
_BATCH = 500  # the SDK takes no more at once

# Sends all of them, and says how many were taken.
Send = Callable[[Sequence[Push]], Awaitable[int]]


def _push() -> Push:
    """Of the size that a coupon's has."""
    coupon_id = str(new_id())
    return Push(
        token="f" * 22 + ":" + "A" * 140,
        token_kind="registration",
        title="暖簾 銀座店へようこそ",
        body="本日のコーヒーが一杯無料です",
        locale="ja",
        data={
            "type": "coupon",
            "push_id": str(new_id()),
            "coupon_id": coupon_id,
            "campaign_id": str(new_id()),
            "coupon_code": "N1K" + "7" * 60,
        },
        tag=coupon_id,
        ttl_s=900,
    )


def _open(kind: str, endpoint: str, account: Path) -> Send:
    if kind in ("direct", "today"):
        return _through(_sender(kind, endpoint, account))
    return _through_sdk(kind, endpoint, account)


def _sender(kind: str, endpoint: str, account: Path) -> Sender:
    if kind == "direct":
        return FcmSender(account, endpoint=endpoint)
    from push.fcm_sdk import SdkSender  # noqa: PLC0415 - each contender imports what it needs

    return SdkSender(account, endpoint=endpoint)


def _through(sender: Sender) -> Send:
    async def send(pushes: Sequence[Push]) -> int:
        return sum(result.error is None for result in await sender.send(pushes))

    return send


def _through_sdk(kind: str, endpoint: str, account: Path) -> Send:
    from firebase_admin import credentials, initialize_app, messaging  # noqa: PLC0415

    from push.fcm_messages import write_message  # noqa: PLC0415

    # The SDK has no setting for another address.
    messaging._MessagingService.FCM_URL = endpoint + "/v1/projects/{0}/messages:send"  # noqa: SLF001
    app = initialize_app(credentials.Certificate(str(account)))

    async def send(pushes: Sequence[Push]) -> int:
        messages: list[Any] = [write_message(push, None) for push in pushes]
        if kind == "send_each":
            return int((await asyncio.to_thread(messaging.send_each, messages, app=app)).success_count)
        return int((await messaging.send_each_async(messages, app=app)).success_count)

    return send


async def main(kind: str, endpoint: str, folder: Path, messages: int) -> None:
    send = _open(kind, endpoint, folder / "account.json")
    await send([_push() for _ in range(_BATCH)])  # connections, access token, imports
    pushes = [_push() for _ in range(messages)]
    cpu_s, at_s = time.process_time(), time.monotonic()
    taken = sum([await send(pushes[start : start + _BATCH]) for start in range(0, messages, _BATCH)])
    cpu_s, spent_s = time.process_time() - cpu_s, time.monotonic() - at_s
    told = {"per_cpu_s": messages / cpu_s, "per_s": messages / spent_s, "lost": messages - taken}
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
