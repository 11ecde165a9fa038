"""By which providers a program texts and calls, as its owners say it."""

from typing import Any

import pytest

from channels.messages import SmsMessage
from tests.server.phone.conftest import PhoneDesk
from tests.server.phone.test_reports import envelope_of, some_mobile
from tests.support.expectations import expect_problem
from tests.support.world import Chain, Json

PATH = "/v1/program/phone"


def settings(**changes: Any) -> Json:
    body: Json = {
        "sms_route": "dialect",
        "api_url": "https://api.twilio.com",
        "account_sid": "AC0123",
        "sms_sender": "KISSA",
        "currency": "JPY",
        "segment_price": 9,
        "call_price": 20,
        "day_cap": 1000,
        "calls_from": "10:00",
        "calls_until": "20:00",
        "auth_token": "0123456789abcdef",
    }
    return {name: value for name, value in (body | changes).items() if value != "left out"}


async def test_credentials_are_kept_sealed_and_never_shown(chain: Chain) -> None:
    expect_problem(await chain.owner.get(PATH), 404, "not-found")
    for body in (settings(), settings(auth_token="left out", day_cap=2000)):
        answer = await chain.owner.put(PATH, body)
        assert answer.status_code == 200, answer.text
        assert "0123456789abcdef" not in answer.text
    shown = (await chain.owner.get(PATH)).json()
    assert (shown["has_auth_token"], shown["has_shared_key"], shown["day_cap"]) == (True, False, 2000)
    assert shown["replies_url"] == f"https://noren.example/v1/phone/programs/{chain.id}/replies"
    row = await chain.world.pool.fetchrow("SELECT * FROM phone_accounts WHERE program_id = $1", chain.id)
    assert row is not None
    assert not [value for value in row.values() if "0123456789abcdef" in str(value)]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"api_url": "https://169.254.169.254"}, "api_url"),
        ({"direct_url": "http://localhost:5432"}, "direct_url"),
        ({"account_sid": None}, "account_sid"),
        ({"sms_sender": None}, "sms_sender"),
        ({"sms_sender": "喫茶"}, "sms_sender"),
        ({"sms_route": "direct"}, "direct_url"),
        ({"api_url": None, "account_sid": None, "sms_route": None, "voice_sender": "+815011112222"}, "api_url"),
        ({"auth_token": "left out"}, "auth_token"),
        ({"auth_token": None}, "auth_token"),
        ({"auth_token": "short"}, "auth_token"),
        ({"calls_until": "10:00"}, "calls_until"),
        ({"calls_until": "09:00"}, "calls_until"),
        ({"segment_price": -1}, "segment_price"),
        ({"day_cap": 1.5}, "day_cap"),
        ({"currency": "yen"}, "currency"),
    ],
)
async def test_what_does_not_go_together_is_refused(chain: Chain, changes: dict[str, Any], named: str) -> None:
    problem = expect_problem(await chain.owner.put(PATH, settings(**changes)), 400, "invalid-request")
    assert named in problem["detail"]
    expect_problem(await chain.owner.get(PATH), 404, "not-found")


async def test_what_was_spent_is_shown(phone: PhoneDesk) -> None:
    path = f"{PATH}/spending"
    before = (await phone.chain.owner.get(path)).json()
    assert (before["spent_today"], before["left_today"], before["days"]) == (0, 1000, [])
    await phone.sms.send(envelope_of(phone), SmsMessage(some_mobile(), "あ" * 71))
    after = (await phone.chain.owner.get(path)).json()
    assert (after["currency"], after["spent_today"], after["day_cap"], after["left_today"]) == ("JPY", 18, 1000, 982)
    assert after["days"] == [{"day": after["today"], "spent": 18}]


async def test_a_number_stands_on_one_poster(phone: PhoneDesk, rival: Chain) -> None:
    body = {"number": "+815011112222", "store_id": str(phone.store_id), "poster": "Door"}
    expect_problem(await phone.chain.owner.post("/v1/call-numbers", body), 409, "call-number-taken")
    theirs = body | {"store_id": str(await rival.add_store())}
    assert (await rival.owner.post("/v1/call-numbers", theirs)).status_code == 201
    expect_problem(await rival.owner.post("/v1/call-numbers", body | {"number": "+8150999"}), 422, "store-unknown")
    expect_problem(await rival.owner.delete(f"/v1/call-numbers/{phone.number_id}"), 404, "not-found")
    ended = await phone.chain.owner.delete(f"/v1/call-numbers/{phone.number_id}", key="once")
    again = await phone.chain.owner.delete(f"/v1/call-numbers/{phone.number_id}", key="once")
    assert (ended.status_code, again.status_code) == (204, 204)
    assert (await phone.chain.owner.post("/v1/call-numbers", body)).status_code == 201
