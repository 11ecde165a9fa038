"""What a push carries is what the description says of it, and all of it is text."""

import json
from typing import Any

import msgspec

from server.campaigns.push_data import CouponPushData
from server.description.document import PATH
from tests.support.shop import Shop, at, fix


class _Strict(CouponPushData, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


async def pushed(pool: Any) -> list[dict[str, str]]:
    rows = await pool.fetch("SELECT id, coupon_id, payload FROM outbox")
    data = [json.loads(row["payload"])["data"] for row in rows]
    assert [(each["push_id"], each["coupon_id"]) for each in data] == [
        (str(row["id"]), str(row["coupon_id"])) for row in rows
    ]
    return data


async def test_a_push_carries_what_the_app_is_told(shop: Shop) -> None:
    await shop.write_campaign()
    (shopper,) = await shop.enrol(1)
    await shop.locate(shopper.sends(fix(at(0))))
    (data,) = await pushed(shop.pool)
    assert all(isinstance(value, str) for value in data.values())
    told = msgspec.convert(data, _Strict, strict=False)
    assert (told.type, str(told.coupon_id)) == ("coupon", data["coupon_id"])
    described = json.loads(PATH.read_text(encoding="utf-8"))["components"]["schemas"]["CouponPushData"]
    assert set(data) == set(described["properties"])
    assert set(described["properties"]) - set(described["required"]) == {"store_id"}
