"""What a push carries is what the description says of it, and all of it is text."""

import asyncio
import json
from collections.abc import Sequence
from functools import partial

import msgspec

from coupons.campaigns.message_texts import MessageTexts, PushLook
from coupons.coupon_codes import make_coupon_code
from push.dispatch import dispatch_once
from push.messages import Push
from push.sender import SendResult
from push.sink import SinkSender
from server.description.document import PATH
from server.messages.push_data import CouponPushData
from tests.support.shop import Shop, at, fix


class _Strict(CouponPushData, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class _Keeping(SinkSender):
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []

    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        self.pushes.extend(pushes)
        return await super().send(pushes)


async def test_a_push_carries_what_the_app_is_told(shop: Shop) -> None:
    messages = MessageTexts(link="https://card.example/c/{coupon_id}", push_look=PushLook(badge=3, expires_after_s=60))
    await shop.write_campaign(messages=messages)
    (shopper,) = await shop.enrol(1)
    await shop.locate(shopper.sends(fix(at(0))))
    (row,) = await shop.rows("outbox")
    sender, code_of = _Keeping(), partial(make_coupon_code, shop.keyring)
    await dispatch_once(shop.pool, sender, code_of=code_of, circuits={}, clock=lambda: at(1))
    data = sender.pushes[0].data
    assert (data["push_id"], data["coupon_id"]) == (str(row["id"]), str(row["coupon_id"]))
    assert data["coupon_code"] == code_of(shopper.member_id, row["coupon_id"])
    assert data["coupon_code"] not in row["payload"], "it is stored nowhere"
    assert all(isinstance(value, str) for value in data.values())
    told = msgspec.convert(data, _Strict, strict=False)
    assert (told.type, str(told.coupon_id)) == ("coupon", data["coupon_id"])
    described = json.loads(PATH.read_text(encoding="utf-8"))["components"]["schemas"]["CouponPushData"]
    assert set(data) == set(described["properties"])
    assert data["link"] == f"https://card.example/c/{row['coupon_id']}"
    assert (sender.pushes[0].look.badge, sender.pushes[0].ttl_s) == (3, 60)
    assert set(described["properties"]) - set(described["required"]) == {"store_id", "link"}
