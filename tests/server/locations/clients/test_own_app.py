"""Recorded bodies of an app of one's own (`POST /v1/locations`), posted through a real socket."""

from typing import Any

import pytest

from tests.server.locations.clients.conftest import Phone, Shop

PATH = "/v1/locations"
NOTHING = {"accepted": 0, "late": 0, "future": 0, "mocked": 0, "no_consent": 0, "refused": [], "coupons": []}


async def post(phone: Phone, body: bytes, token: str) -> dict[str, Any]:
    answer = await phone.call("POST", PATH, token=token, content=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    receipt: dict[str, Any] = answer.json()
    return receipt


@pytest.mark.parametrize("kind", ["token", "locate_token"])
async def test_a_batch_in_any_order_is_read_once(shop: Shop, kind: str) -> None:
    phone = await shop.enrol()
    token, body = getattr(phone, kind), shop.recorded("locations/batch")
    assert await post(phone, body, token) == NOTHING | {"accepted": 4}
    told = [("enter", "2025-05-02 03:10:00"), ("dwell", "2025-05-02 03:15:00")]
    assert [(each, f"{at:%F %T}") for each, at in await phone.transitions()] == told
    assert await post(phone, body, token) == NOTHING | {"late": 4}
    assert len(await phone.transitions()) == 2


async def test_bad_fixes_are_told_and_the_good_ones_stand(shop: Shop) -> None:
    phone = await shop.enrol()
    receipt = await post(phone, shop.recorded("locations/poison"), phone.token)
    assert (receipt["accepted"], receipt["mocked"]) == (1, 1)
    assert [(each["index"], each["reason"]) for each in receipt["refused"]] == [
        (1, "accuracy_invalid"),
        (2, "time_invalid"),
        (3, "malformed"),
        (4, "malformed"),
        (6, "malformed"),
    ]
    assert [kind for kind, _ in await phone.transitions()] == ["enter"]


async def test_without_consent_everything_is_dropped(shop: Shop) -> None:
    phone = await shop.enrol(location=False)
    assert await post(phone, shop.recorded("locations/batch"), phone.token) == NOTHING | {"no_consent": 4}
    assert await phone.transitions() == []
