"""Somebody calls the number on a poster, and joins by the link that they are sent."""

import asyncio
import re
from itertools import count
from typing import Any

import httpx
import pytest

from channels.phone.account import Tariff, hash_number
from channels.phone.phone_accounts_repository import opt_out
from devtools.twilio_double import Callback, Cut, TwilioDouble
from kit.clock import utc_now
from tests.server.phone.conftest import CALLED, PhoneDesk
from tests.support.expectations import expect_problem
from tests.support.telephony import KEYRING, PUBLIC_URL, account_of, keep_account
from tests.support.world import Chain, made, member_body

BUSY = '<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="busy" /></Response>'
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
_LINK = re.compile(r"noren://join\?i=([A-Za-z0-9_-]{22})")
_numbers = count(10_000_000)


def some_mobile() -> str:
    return f"+8190{next(_numbers)}"


async def link_of(phone: PhoneDesk, caller: str) -> str:
    """The token that the caller was texted."""
    await phone.send_replies()
    (text,) = phone.twilio.taken(caller)
    found = _LINK.search(text.form["Body"])
    assert found is not None, text.form["Body"]
    return found[1]


async def join(phone: PhoneDesk, token: str, **changes: Any) -> httpx.Response:
    body = member_body(phone.chain.code, invitation=token, **changes)
    return await phone.chain.world.anyone.post("/v1/members", body)


async def test_a_caller_is_refused_gets_a_link_and_joins_at_the_store_once(phone: PhoneDesk) -> None:
    caller = some_mobile()
    (answer,) = await phone.post(phone.call_from(caller))
    assert (answer.status_code, answer.text) == (200, BUSY)
    assert answer.headers["content-type"].startswith("text/xml")
    token = await link_of(phone, caller)
    anyone = phone.chain.world.anyone
    for _ in range(2):  # to look at it does not use it up
        target = (await anyone.get(f"/v1/invitations/{token}")).json()
        assert (target["program"], target["store_id"]) == (phone.chain.code, str(phone.store_id))
    member_id = made(await join(phone, token))["member_id"]
    member = await phone.pool.fetchrow("SELECT enrolled_store_id FROM members WHERE member_id = $1", member_id)
    assert member is not None
    assert member["enrolled_store_id"] == phone.store_id
    expect_problem(await join(phone, token), 410, "invitation-over")
    assert (await anyone.get(f"/v1/invitations/{token}")).status_code == 404
    row = await phone.pool.fetchrow("SELECT poster, call_number_id FROM invitations WHERE member_id = $1", member_id)
    assert row is not None
    assert (row["poster"], row["call_number_id"]) == ("Window, autumn", phone.number_id)
    (listed,) = (await phone.chain.owner.get("/v1/call-numbers")).json()["items"]
    assert (listed["calls"], listed["texts"], listed["joined"]) == (1, 1, 1)


async def test_a_webhook_that_comes_again_and_again_sends_one_text(phone: PhoneDesk) -> None:
    caller = some_mobile()
    webhook = phone.call_from(caller)
    answers = [each for group in await asyncio.gather(*(phone.post(webhook) for _ in range(8))) for each in group]
    assert {(each.status_code, each.text) for each in answers} == {(200, BUSY)}
    # Another call of the same day is refused too, and gets no second text.
    await phone.post(phone.call_from(caller), phone.call_from(caller))
    await phone.send_replies()
    assert len(phone.twilio.taken(caller)) == 1
    rows = await phone.pool.fetch("SELECT answer FROM incoming_calls WHERE program_id = $1", phone.chain.id)
    assert sorted(row["answer"] for row in rows) == ["texted", "texted_today", "texted_today"]
    assert await phone.spent() == 18


async def test_one_link_lets_one_of_many_in(phone: PhoneDesk) -> None:
    caller = some_mobile()
    await phone.post(phone.call_from(caller))
    token = await link_of(phone, caller)
    answers = await asyncio.gather(*(join(phone, token) for _ in range(6)))
    assert sorted(each.status_code for each in answers) == [201, *[410] * 5]


@pytest.mark.parametrize(
    "caller", ["anonymous", "+266696687", "+7378742833", "+81312345678", "+447400123456", "Restricted", ""]
)
async def test_who_cannot_be_texted_hears_the_address_until_the_money_ends(phone: PhoneDesk, caller: str) -> None:
    await keep_account(phone.pool, account_of(phone.chain.id, phone.twilio, tariff=_tariff(day_cap=55)))
    webhook = phone.call_from(caller)
    first, again = await phone.post(webhook, webhook)
    assert first.text == again.text
    assert first.text.count('<Say language="ja-JP">') == 2
    assert "さくら ドット エグザンプル" in first.text
    assert await phone.spent() == 20
    _, third = await phone.post(phone.call_from(caller), phone.call_from(caller))
    assert third.text == BUSY  # 55 yen, a fifth of which is for codes, are two calls
    assert await phone.spent() == 40


async def test_who_wants_no_texts_gets_none_when_they_call(phone: PhoneDesk) -> None:
    caller = some_mobile()
    async with phone.pool.acquire() as conn:
        await opt_out(conn, phone.chain.id, hash_number(KEYRING, phone.chain.id, caller), "sms", "reply", utc_now())
    (answer,) = await phone.post(phone.call_from(caller))
    await phone.send_replies()
    assert answer.text == BUSY
    assert not phone.twilio.taken(caller)


async def test_beyond_the_days_money_nobody_is_texted(phone: PhoneDesk) -> None:
    await keep_account(phone.pool, account_of(phone.chain.id, phone.twilio, tariff=_tariff(day_cap=46)))
    callers = [some_mobile() for _ in range(4)]
    await phone.post(*(phone.call_from(each) for each in callers))
    await phone.send_replies()
    assert sum(len(phone.twilio.taken(each)) for each in callers) == 2  # two parts each, nine yen a part
    assert await phone.spent() == 36


async def test_a_text_that_may_be_out_is_not_repeated_and_its_report_settles_it(phone: PhoneDesk) -> None:
    caller = some_mobile()
    phone.twilio.script(caller, [Cut()])
    await phone.post(phone.call_from(caller))
    await phone.send_replies()
    query = "SELECT state FROM incoming_calls WHERE program_id = $1"
    assert await phone.pool.fetchval(query, phone.chain.id) == "unknown"
    reports = phone.twilio.report(caller, ["delivered", "sent", "delivered", "queued"])
    assert {each.status_code for each in await phone.post(*reports)} == {204}
    await phone.send_replies()
    assert await phone.pool.fetchval(query, phone.chain.id) == "sent"
    assert len(phone.twilio.taken(caller)) == 1
    sent = "SELECT state FROM phone_sends WHERE program_id = $1"
    assert await phone.pool.fetchval(sent, phone.chain.id) == "delivered"


async def test_webhooks_that_nobody_of_ours_has_signed_are_refused(phone: PhoneDesk, rival: Chain) -> None:
    caller = some_mobile()
    good = phone.call_from(caller)
    with TwilioDouble() as other:
        await keep_account(rival.world.pool, account_of(rival.id, other))
        foreign = other.sign(good.url, {"CallSid": "CA1", "From": caller, "To": CALLED})
    before = await phone.chain.world.fingerprint()
    unsigned = {name: value for name, value in good.headers.items() if name != "X-Twilio-Signature"}
    wrong = [
        Callback(good.url, good.body, unsigned),
        Callback(good.url, good.body, {**good.headers, "X-Twilio-Signature": "AAAA"}),
        Callback(good.url, good.body + b"&From=%2B819011112222", good.headers),  # a parameter twice
        Callback(good.url, good.body.replace(b"ringing", b"busy"), good.headers),
        Callback(good.url, b"\xff\xfe", good.headers),
        # By HMAC-SHA256, for which this program has no key; and by a way that nobody knows.
        Callback(good.url, good.body, {**good.headers, SETTINGS: "key=k,algorithm=HMAC_SHA256"}),
        Callback(good.url, good.body, {**good.headers, SETTINGS: "algorithm=NONE"}),
        foreign,
    ]
    for each in wrong:
        (answer,) = await phone.post(each)
        expect_problem(answer, 401, "webhook-refused")
    (large,) = await phone.post(Callback(good.url, b"a=" + b"x" * 10_000_000, good.headers))
    expect_problem(large, 413, "body-too-large")
    json = {**good.headers, "Content-Type": "application/json"}
    expect_problem((await phone.post(Callback(good.url, b"{}", json)))[0], 415, "unsupported-media-type")
    (elsewhere,) = await phone.post(phone.call_from(caller, called="+815099999999"))
    expect_problem(elsewhere, 400, "invalid-request")
    assert await phone.chain.world.fingerprint() == before
    await phone.chain.owner.delete(f"/v1/call-numbers/{phone.number_id}")
    expect_problem((await phone.post(good))[0], 404, "not-found")


async def test_a_shared_key_signs_by_sha256(phone: PhoneDesk) -> None:
    with TwilioDouble(shared_key="0123456789abcdef") as double:
        await keep_account(phone.pool, account_of(phone.chain.id, double))
        form = {"CallSid": "CA77", "From": some_mobile(), "To": CALLED}
        url = f"{PUBLIC_URL}/v1/phone/numbers/{phone.number_id}/calls"
        (answer,) = await phone.post(double.sign(url, form))
        assert answer.text == BUSY


def _tariff(day_cap: int) -> Any:
    return Tariff(currency="JPY", segment_price=9, call_price=20, day_cap=day_cap)
