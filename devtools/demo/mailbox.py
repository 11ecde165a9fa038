"""The pushes that arrived at the double, by coupon: what the phones got."""

import asyncio
import time

from devtools.fcm_double import FcmDouble
from ids import CouponId

_LOOK_EVERY_S = 0.05


class Mailbox:
    def __init__(self, double: FcmDouble) -> None:
        self._double = double
        self._read = 0
        self._token_of: dict[str, str] = {}

    async def wait_for(self, coupon_id: CouponId, within_s: float) -> str | None:
        """The push token that the coupon's push went to; None where none came in time."""
        deadline = time.monotonic() + within_s
        while str(coupon_id) not in self._token_of:
            if time.monotonic() > deadline:
                return None
            await asyncio.sleep(_LOOK_EVERY_S)
            self._open_new()
        return self._token_of[str(coupon_id)]

    def _open_new(self) -> None:
        arrived = self._double.received[self._read :]
        self._read += len(arrived)
        for received in arrived:
            if received.refusal is None:
                self._token_of[received.message.data.get("coupon_id", "")] = received.token
