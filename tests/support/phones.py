"""Phones that walk down a street and send their fixes until each is taken, as the app does."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import httpx

from devtools.plain_http import TRUSTS_NOBODY
from ids import CouponId
from tests.support.shop import Shop, Shopper, fix
from tests.support.uploads import Sent, Upload, expected_transitions, seen_transitions, send
from tests.support.waiting import PATIENCE_S

STEP_S = 65


@dataclass
class Crowd:
    """What all of them were told so far. `attempts` has also what was never answered or answered by a 503."""

    acknowledged: list[Sent] = field(default_factory=list)
    attempts: list[Sent] = field(default_factory=list)

    @property
    def coupons(self) -> list[CouponId]:
        return [
            CouponId(UUID(coupon)) for sent in self.acknowledged if sent.receipt for coupon in sent.receipt["coupons"]
        ]

    async def walk(
        self, url: Callable[[], str], shoppers: Sequence[Shopper], blocks: int, ends_at: datetime, pause_s: float = 0
    ) -> None:
        """Everybody goes from block to block, a fix and an upload at each."""
        await asyncio.gather(*(self._walk_one(url, shopper, blocks, ends_at, pause_s) for shopper in shoppers))

    async def _walk_one(
        self, url: Callable[[], str], shopper: Shopper, blocks: int, ends_at: datetime, pause_s: float
    ) -> None:
        began_at = ends_at - timedelta(seconds=blocks * STEP_S)
        async with httpx.AsyncClient(timeout=30, verify=TRUSTS_NOBODY, trust_env=False) as client:
            for block in range(blocks):
                upload = Upload(shopper, [fix(began_at + timedelta(seconds=block * STEP_S), block)])
                await self._send_until_taken(client, url, upload)
                await asyncio.sleep(pause_s)

    async def _send_until_taken(self, client: httpx.AsyncClient, url: Callable[[], str], upload: Upload) -> None:
        while True:
            client.base_url = httpx.URL(url())
            sent = await send(client, upload)
            self.attempts.append(sent)
            assert sent.status in (None, 200, 503), sent
            if sent.receipt is not None:
                self.acknowledged.append(sent)
                return
            await asyncio.sleep(0.05)

    async def has(self, acknowledged: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.acknowledged) < acknowledged:  # noqa: ASYNC110 - polled finely, to kill at any moment
                await asyncio.sleep(0.002)


async def check_nothing_acknowledged_is_lost(shop: Shop, crowd: Crowd) -> None:
    """What they were told is in the database, each coupon with its message."""
    told = Crowd(list(crowd.acknowledged))  # as it is before we look: they may be walking on
    coupons = {row["id"] for row in await shop.rows("coupons")}
    assert set(told.coupons) <= coupons
    assert {row["coupon_id"] for row in await shop.rows("outbox")} >= coupons
    kept = {(row["device_id"], row["kind"], row["event_at"]) for row in await shop.rows("transitions")}
    assert {(sent.upload.shopper.device_id, "enter", sent.upload.newest) for sent in told.acknowledged} <= kept


async def check_everything_happened_once(shop: Shop, crowd: Crowd, shoppers: Sequence[Shopper], now: datetime) -> None:
    """As if nothing had ever broken: the transitions of the plain model, one coupon a member and store."""
    await check_nothing_acknowledged_is_lost(shop, crowd)
    rows = await shop.rows("transitions")
    for shopper in shoppers:
        uploads = [sent.upload for sent in crowd.acknowledged if sent.upload.shopper == shopper]
        assert seen_transitions(rows, shopper) == expected_transitions(shop, uploads, now)
    assert await shop.count("outbox") == await shop.count("coupons")
    keys = [(row["member_id"], row["campaign_id"]) for row in await shop.rows("coupons")]
    assert len(keys) == len(set(keys)) == len(crowd.acknowledged)
    assert len(crowd.coupons) == len(set(crowd.coupons))
