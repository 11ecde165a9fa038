"""Texts and calls of campaigns: to whom they go, what they cost, and what ends them."""

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest

from devtools.twilio_double import Callback, Refused, call_back
from kit.clock import utc_now
from tests.support.channel_street import PUBLIC_URL, Street, consent
from tests.support.lives import ok
from tests.support.world import Json, Member

_numbers = count(50_000_000)
ALL_DAY = "UPDATE phone_accounts SET calls_from = '00:00', calls_until = '00:00'"
STOP = "配信停止はSTOPと返信"


def some_mobile() -> str:
    return f"+8190{next(_numbers)}"


async def post(street: Street, *callbacks: Callback) -> list[int]:
    """To our own host, whatever the public one is."""
    ours = [Callback(each.url.removeprefix(PUBLIC_URL), each.body, each.headers) for each in callbacks]
    return [each.status_code for each in await call_back(street.chain.world.http, ours)]


async def reached(street: Street, *channels: str) -> tuple[str, Member, str]:
    """A campaign by these channels and a member with a phone number, who has visited."""
    campaign_id, number = await street.write(*channels), some_mobile()
    member = await street.enrol(phone=number, email=f"{number[1:]}@phone.example")
    await street.visit(member)
    return campaign_id, member, number


async def test_a_text_goes_to_who_has_consented_to_texts_and_says_how_to_end_them(street: Street) -> None:
    campaign_id, number = await street.write("sms"), some_mobile()
    member, unasked = await street.enrol(phone=number), await street.enrol(phone=some_mobile())
    ok(await unasked.app.put("/v1/me/consents", {"consents": [consent("sms", granted=False)]}))
    numberless = await street.chain.enrol(consents=[consent("sms")])
    await street.visit(member, unasked, numberless)
    await street.deliver()
    assert await street.fates(campaign_id) == [
        ("sms", "sent", None),
        ("sms", "dropped", "no_consent"),
        ("sms", "dropped", "unreachable"),
    ]
    taken = [each for each in street.twilio.taken(number) if "珈琲" in each.form["Body"]]
    assert [each.form["Body"].endswith(f"\n{STOP}") for each in taken] == [True]
    assert await street.counted(member) == 1


async def test_stop_withdraws_the_consent_and_a_nine_that_to_calls(street: Street) -> None:
    await street.change(ALL_DAY)
    campaign_id, member, number = await reached(street, "voice", "email")
    await street.deliver()
    assert await street.fates(campaign_id) == [("voice", "sent", None)]
    (message_id,) = await _ids(street, campaign_id)
    key = {"Digits": "9", "To": number, "CallSid": "CA1"}
    stop = {"From": number, "Body": "STOP"}
    replies = f"{PUBLIC_URL}/v1/phone/programs/{street.chain.id}/replies"
    signed = [
        street.twilio.sign(f"{PUBLIC_URL}/v1/phone/calls/{message_id}/keys", key),
        street.twilio.sign(replies, stop),
        street.twilio.sign(replies, stop),
    ]
    assert await post(street, *signed) == [200, 200, 200]
    kept = "SELECT sms_consent, voice_consent, email_consent FROM members WHERE member_id = $1"
    assert [tuple(row) for row in await street.pool.fetch(kept, member.id)] == [(False, False, True)]
    said = "SELECT purpose, count(*) FROM consents WHERE member_id = $1 AND source = 'phone' GROUP BY 1 ORDER BY 1"
    assert [tuple(row) for row in await street.pool.fetch(said, member.id)] == [("sms", 1), ("voice", 1)]


async def _ids(street: Street, campaign_id: str) -> list[UUID]:
    rows = await street.pool.fetch("SELECT id FROM outbox WHERE campaign_id = $1", UUID(campaign_id))
    return [row["id"] for row in rows]


async def test_a_call_waits_for_its_hours_in_no_place_of_the_caps(street: Street) -> None:
    over = "UPDATE phone_accounts SET calls_from = $1, calls_until = $2"
    now = utc_now() + timedelta(hours=9)  # in Tokyo
    begins = (now + timedelta(hours=2)).time().replace(microsecond=0)
    await street.change(over, begins, (now + timedelta(hours=3)).time().replace(microsecond=0))
    campaign_id, member, number = await reached(street, "voice")
    assert await street.fates(campaign_id) == [("voice", "deferred", "quiet_hours")]
    assert await street.counted(member) == 0
    due: datetime = await street.pool.fetchval(
        "SELECT next_attempt_at FROM outbox WHERE campaign_id = $1", UUID(campaign_id)
    )
    assert (due + timedelta(hours=9)).time() == begins
    assert not [each for each in street.twilio.taken(number) if "Twiml" in each.form]


async def test_a_text_that_cannot_be_delivered_goes_by_the_next_channel(street: Street) -> None:
    campaign_id, member, number = await reached(street, "sms", "email")
    await street.deliver()
    failed = street.twilio.report(number, ["sent", "undelivered"], ErrorCode="30003")
    assert await post(street, *failed) == [204, 204]
    assert await street.fates(campaign_id) == [("sms", "refused", "unreachable")]
    await street.release()
    await street.deliver()
    assert await post(street, *failed, *street.twilio.report(number, ["delivered"])) == [204] * 3, "too late"
    assert (await street.release(), await street.fates(campaign_id)) == (0, [("email", "sent", None)])
    assert len(street.mailed(f"{number[1:]}@phone.example")) == 1
    assert await street.counted(member) == 1
    report = ok(await street.chain.owner.get(f"/v1/campaigns/{campaign_id}/report"))
    assert report["other_messages"] == {"email": {"sent": 1}}
    assert report["receipts"]["sms"]["failed"] == 1


async def test_a_report_after_the_set_time_changes_nothing(street: Street) -> None:
    campaign_id, _, number = await reached(street, "sms", "email")
    await street.deliver()
    await street.change("UPDATE outbox SET created_at = created_at - interval '61 minutes'")
    await post(street, *street.twilio.report(number, ["undelivered"], ErrorCode="30003"))
    assert (await street.release(), await street.fates(campaign_id)) == (0, [("sms", "sent", None)])


@pytest.mark.parametrize(("code", "reason"), [(21614, "landline"), (21610, "opted_out")])
async def test_a_number_that_takes_no_texts_is_called(street: Street, code: int, reason: str) -> None:
    await street.change(ALL_DAY)
    campaign_id, member, number = await reached(street, "sms", "voice")
    street.twilio.script(number, [Refused(400, code)])
    await street.deliver()
    assert await street.fates(campaign_id) == [("sms", "refused", reason)]
    await street.release()
    await street.deliver()
    assert await street.fates(campaign_id) == [("voice", "sent", None)]
    kept = "SELECT kind, state FROM phone_sends WHERE member_id = $1 AND id = $2 ORDER BY kind"
    (message_id,) = await _ids(street, campaign_id)
    rows = await street.pool.fetch(kept, member.id, message_id)
    assert [tuple(row) for row in rows] == [("sms", "failed"), ("voice", "accepted")]


async def test_what_the_days_money_does_not_pay_waits_and_takes_no_other_channel(street: Street) -> None:
    await street.change("UPDATE phone_accounts SET day_cap = 1")
    campaign_id, _, _ = await reached(street, "sms", "email")
    await street.deliver()
    assert await street.fates(campaign_id) == [("sms", "retryable", "spending_cap")]


async def test_the_preview_says_what_a_text_and_a_call_cost(street: Street) -> None:
    campaign_id = await street.write("sms", "voice")
    shown: Json = ok(await street.chain.owner.post(f"/v1/campaigns/{campaign_id}/preview", {}))
    sms, voice = shown["sms"], shown["voice"]
    assert sms["text"].endswith(f"\n{STOP}")
    assert (sms["segments"], sms["price"], sms["currency"]) == (2, 18, "JPY")
    assert (voice["price"], voice["currency"]) == (20, "JPY")


async def test_a_rehearsal_prices_the_words_that_each_would_get(street: Street) -> None:
    await street.change(ALL_DAY)
    words = {
        "sms": {"ja": {"text": "{if nickname}{nickname}さん、{end}珈琲を一杯どうぞ。"}},
        "voice": {"ja": {"text": "珈琲を一杯どうぞ。"}},
    }
    campaign_id = await street.write("sms", "voice", "push", state="draft", messages=words)
    short, long, called = [await street.enrol(phone=some_mobile()) for _ in range(3)]
    for member, nickname in ((short, "花"), (long, "花" * 50), (called, "花")):
        ok(await member.app.patch("/v1/me/profile", {"nickname": nickname}))
    ok(await called.app.put("/v1/me/consents", {"consents": [consent("sms", granted=False)]}))
    await street.visit(short, long, called)
    before = await street.chain.world.fingerprint()
    told = ok(await street.chain.owner.post(f"/v1/campaigns/{campaign_id}/rehearse", {}))
    by_channel = {each["channel"]: (each["sent"], each["price"], each["currency"]) for each in told["messages"]}
    assert by_channel == {"sms": (2, 9 + 2 * 9, "JPY"), "voice": (1, 20, "JPY"), "push": (0, None, None)}
    assert await street.chain.world.fingerprint() == before
