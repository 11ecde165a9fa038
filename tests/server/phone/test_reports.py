"""What providers report of texts and calls, in any order and more than once; and what people answer."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from channels.channel import Envelope, PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError
from channels.messages import SmsMessage, VoiceMessage
from channels.phone.account import hash_number
from channels.phone.outcomes import PhoneKind
from channels.phone.phone_accounts_repository import is_opted_out
from devtools.twilio_double import Callback, Cut, TwilioDouble
from ids import MemberId
from kit.clock import utc_now
from kit.database import in_transaction
from kit.ids import new_id
from server.phone.settle_report import settle_late_reports
from tests.server.phone.conftest import PhoneDesk
from tests.support.expectations import expect_problem
from tests.support.telephony import KEYRING, PUBLIC_URL, account_of, direct_account, keep_account, make_channels
from tests.support.world import Chain

_numbers = count(20_000_000)
MORNING = datetime(2026, 11, 28, 1, tzinfo=UTC)  # ten in Tokyo


def some_mobile() -> str:
    return f"+8190{next(_numbers)}"


def envelope_of(phone: PhoneDesk, member_id: MemberId | None = None, now: datetime | None = None) -> Envelope:
    return Envelope(
        message_id=new_id(),
        program_id=phone.chain.id,
        member_id=member_id,
        attempts=1,
        expires_at=(now or utc_now()) + timedelta(hours=1),
    )


async def send_of(phone: PhoneDesk, message_id: UUID) -> dict[str, Any]:
    query = "SELECT state, failure, price, provider_message_id FROM phone_sends WHERE id = $1"
    row = await phone.pool.fetchrow(query, message_id)
    assert row is not None
    return dict(row)


async def wants_nothing(phone: PhoneDesk, number: str, kind: PhoneKind) -> bool:
    async with phone.pool.acquire() as conn:
        return await is_opted_out(conn, phone.chain.id, hash_number(KEYRING, phone.chain.id, number), kind)


async def call(phone: PhoneDesk, number: str, *, now: datetime = MORNING, envelope: Envelope | None = None) -> UUID:
    _, voice = make_channels(phone.pool, lambda: now)
    envelope = envelope or envelope_of(phone, now=now)
    await voice.send(envelope, VoiceMessage(number, "本日限定のクーポンをお届けしました。"))
    await voice.close()
    return envelope.message_id


@pytest.mark.parametrize(
    ("statuses", "more", "state", "failure"),
    [
        (["queued", "sending", "sent", "delivered"], {}, "delivered", None),
        (["delivered", "sent", "queued", "delivered"], {}, "delivered", None),
        (["sent", "undelivered"], {"ErrorCode": "30003"}, "failed", "unreachable"),
        (["failed", "sent", "delivered"], {"ErrorCode": "30006"}, "failed", "landline"),
        (["something new"], {}, "accepted", None),
    ],
)
async def test_the_reports_of_a_text(
    phone: PhoneDesk, statuses: list[str], more: dict[str, str], state: str, failure: str | None
) -> None:
    number, envelope = some_mobile(), envelope_of(phone)
    sid = await phone.sms.send(envelope, SmsMessage(number, "テスト"))
    answers = await phone.post(*phone.twilio.report(number, statuses, **more))
    assert {each.status_code for each in answers} == {204}
    found = await send_of(phone, envelope.message_id)
    assert found == {"state": state, "failure": failure, "price": 9, "provider_message_id": sid}


async def test_who_has_opted_out_at_the_provider_is_on_our_list_too(phone: PhoneDesk) -> None:
    number = some_mobile()
    await phone.sms.send(envelope_of(phone), SmsMessage(number, "テスト"))
    await phone.post(*phone.twilio.report(number, ["failed"], ErrorCode="21610"))
    assert await wants_nothing(phone, number, "sms")
    with pytest.raises(PermanentDeliveryError, match="opted_out"):
        await phone.sms.send(envelope_of(phone), SmsMessage(number, "テスト"))


async def test_a_code_whose_outcome_was_unknown_is_settled_by_its_report(phone: PhoneDesk) -> None:
    number, member = some_mobile(), await phone.chain.enrol()
    envelope = envelope_of(phone, member.id)
    phone.twilio.script(number, [Cut()])
    with pytest.raises(UnknownDeliveryError):
        await phone.sms.send(envelope, SmsMessage(number, "123456"))
    await keep_unknown(phone, envelope)
    await phone.post(*phone.twilio.report(number, ["delivered", "delivered"]))
    assert await state_of_message(phone, envelope) == "sent"
    receipts = "SELECT kind FROM message_receipts WHERE message_id = $1"
    assert [row["kind"] for row in await phone.pool.fetch(receipts, envelope.message_id)] == ["delivered"]


async def test_a_report_that_comes_before_anybody_knows_that_nobody_knows_is_found_later(phone: PhoneDesk) -> None:
    number, member = some_mobile(), await phone.chain.enrol()
    envelope = envelope_of(phone, member.id)
    phone.twilio.script(number, [Cut()])
    with pytest.raises(UnknownDeliveryError):
        await phone.sms.send(envelope, SmsMessage(number, "123456"))
    await phone.post(*phone.twilio.report(number, ["sent"]))
    await keep_unknown(phone, envelope)
    await in_transaction(phone.pool, lambda conn: settle_late_reports(conn, utc_now()))
    assert await state_of_message(phone, envelope) == "sent"


async def keep_unknown(phone: PhoneDesk, envelope: Envelope) -> None:
    """As the worker records it."""
    await phone.pool.execute(
        "INSERT INTO outbox (member_id, id, program_id, channel, state, attempts, next_attempt_at, expires_at,"
        " created_at) VALUES ($1, $2, $3, 'sms', 'unknown', 1, now(), $4, now())",
        envelope.member_id,
        envelope.message_id,
        envelope.program_id,
        envelope.expires_at,
    )


async def state_of_message(phone: PhoneDesk, envelope: Envelope) -> str:
    return str(await phone.pool.fetchval("SELECT state FROM outbox WHERE id = $1", envelope.message_id))


async def test_stop_ends_texts_and_start_lets_them_come_again(phone: PhoneDesk) -> None:
    number, url = some_mobile(), f"{PUBLIC_URL}/v1/phone/programs/{phone.chain.id}/replies"
    for text, stopped in (("ありがとう", False), ("停止", True), ("STOP", True), ("START", False)):
        sender = f"0{number[3:]}" if text == "STOP" else number  # as some providers write it
        form = {"From": sender, "To": "+815012345678", "Body": text, "MessageSid": f"SM{new_id().hex}"}
        (answer,) = await phone.post(phone.twilio.sign(url, form))
        assert (answer.status_code, answer.text) == (200, '<?xml version="1.0" encoding="UTF-8"?><Response />')
        assert await wants_nothing(phone, number, "sms") is stopped, text


async def test_an_old_text_that_is_told_of_again_changes_nothing(phone: PhoneDesk) -> None:
    number, url = some_mobile(), f"{PUBLIC_URL}/v1/phone/programs/{phone.chain.id}/replies"

    def text(words: str, **told: str) -> Callback:
        return phone.twilio.sign(url, {"From": number, "To": "+815012345678", "Body": words} | told)

    first, start, second = [text(words, MessageSid=f"SM{new_id().hex}") for words in ("STOP", "START", "STOP")]
    for told, stopped in ((first, True), (start, False), (first, False), (second, True), (start, True)):
        assert [each.status_code for each in await phone.post(told)] == [200]
        assert await wants_nothing(phone, number, "sms") is stopped
    await phone.post(text("START"), text("START", MessageSid="\0"))
    assert await wants_nothing(phone, number, "sms"), "what cannot be known again gives nothing back"
    await phone.post(text("START", MessageSid=f"SM{new_id().hex}"), text("STOP"))
    assert await wants_nothing(phone, number, "sms"), "but takes it away"


async def test_reports_of_the_direct_route(phone: PhoneDesk) -> None:
    await keep_account(phone.pool, direct_account(phone.chain.id, phone.twilio, phone.direct))
    number, envelope = some_mobile(), envelope_of(phone)
    await phone.sms.send(envelope, SmsMessage(number, "テスト"))
    good = phone.direct.report(number, "failed", code="opted_out", to=f"0{number[3:]}")
    wrong = [
        Callback(good.url, good.body.replace(b"failed", b"delivered"), good.headers),
        Callback(good.url, good.body, {**good.headers, "X-Noren-Signature": "00" * 32}),
        Callback(good.url, good.body, {"Content-Type": "application/json"}),
        phone.direct.report(number, "delivered", age_s=400),
        phone.direct.report(number, "delivered", age_s=-400),
    ]
    for each in wrong:
        expect_problem((await phone.post(each))[0], 401, "webhook-refused")
    assert (await send_of(phone, envelope.message_id))["state"] == "accepted"
    no_id = phone.direct.report(number, "sent", message_id="\0")
    expect_problem((await phone.post(no_id))[0], 400, "invalid-request")
    not_failed = phone.direct.report(number, "sent", code="opted_out", to=number)
    assert [each.status_code for each in await phone.post(not_failed)] == [204]
    assert not await wants_nothing(phone, number, "sms")
    assert [each.status_code for each in await phone.post(good, good)] == [204, 204]
    assert (await send_of(phone, envelope.message_id))["failure"] == "opted_out"
    assert await wants_nothing(phone, number, "sms")


async def test_a_report_of_nobodys_text_or_by_another_programs_key_changes_nothing(
    phone: PhoneDesk, rival: Chain
) -> None:
    number, envelope = some_mobile(), envelope_of(phone)
    await phone.sms.send(envelope, SmsMessage(number, "テスト"))
    (good,) = phone.twilio.report(number, ["delivered"])
    with TwilioDouble() as other:
        await keep_account(rival.world.pool, account_of(rival.id, other))
        foreign = other.sign(good.url, {"MessageSid": "SM1", "MessageStatus": "delivered"})
    expect_problem((await phone.post(foreign))[0], 401, "webhook-refused")
    nobodys = phone.twilio.sign(f"{PUBLIC_URL}/v1/phone/texts/{new_id()}/reports", {"MessageStatus": "delivered"})
    expect_problem((await phone.post(nobodys))[0], 404, "not-found")
    of_a_call = Callback(good.url.replace("/texts/", "/calls/"), good.body, good.headers)
    expect_problem((await phone.post(of_a_call))[0], 404, "not-found")
    assert (await send_of(phone, envelope.message_id))["state"] == "accepted"


@pytest.mark.parametrize(
    ("status", "more", "state", "price"),
    [
        ("completed", {"AnsweredBy": "human"}, "answered", 20),
        ("completed", {"AnsweredBy": "machine_end_beep"}, "machine", 20),
        ("busy", {}, "busy", 0),
        ("no-answer", {}, "no_answer", 0),
        ("failed", {"ErrorCode": "13224"}, "failed", 0),
    ],
)
async def test_what_came_of_a_call(phone: PhoneDesk, status: str, more: dict[str, str], state: str, price: int) -> None:
    number = some_mobile()
    message_id = await call(phone, number)
    (taken,) = phone.twilio.taken(number)
    assert taken.form["MachineDetection"] == "DetectMessageEnd"
    assert '<Say language="ja-JP">本日限定のクーポンをお届けしました。</Say>' in taken.form["Twiml"]
    assert f'action="{PUBLIC_URL}/v1/phone/calls/{message_id}/keys"' in taken.form["Twiml"]
    reports = phone.twilio.report(number, ["ringing", status, "ringing", status], **more)
    assert {each.status_code for each in await phone.post(*reports)} == {204}
    found = await send_of(phone, message_id)
    assert (found["state"], found["price"]) == (state, price)
    assert await phone.spent() == price


async def test_a_nine_ends_all_calls_for_good(phone: PhoneDesk) -> None:
    number = some_mobile()
    message_id = await call(phone, number)
    url = f"{PUBLIC_URL}/v1/phone/calls/{message_id}/keys"
    for digits, ended in (("5", False), ("9", True), ("9", True)):
        (answer,) = await phone.post(phone.twilio.sign(url, {"Digits": digits, "To": number, "CallSid": "CA1"}))
        assert ("承知しました" in answer.text) is ended
        assert await wants_nothing(phone, number, "voice") is ended
    await phone.post(*phone.twilio.report(number, ["completed"], AnsweredBy="human"))
    assert (await send_of(phone, message_id))["state"] == "opted_out"
    with pytest.raises(PermanentDeliveryError, match="opted_out"):
        await call(phone, number)
    assert not await wants_nothing(phone, number, "sms")


@pytest.mark.parametrize(("hour", "wait_h"), [(9, 1), (20, 14), (23, 11)])
async def test_nobody_is_called_outside_the_hours(phone: PhoneDesk, hour: int, wait_h: int) -> None:
    number = some_mobile()
    with pytest.raises(TransientDeliveryError, match="outside_call_hours") as raised:
        await call(phone, number, now=MORNING + timedelta(hours=hour - 10))
    assert raised.value.retry_after_s == wait_h * 3600
    assert not phone.twilio.taken(number)


async def test_a_call_that_may_have_been_made_is_not_made_again(phone: PhoneDesk) -> None:
    number, envelope = some_mobile(), envelope_of(phone, now=MORNING)
    phone.twilio.script(number, [Cut()])
    for _ in range(2):
        with pytest.raises(UnknownDeliveryError):
            await call(phone, number, envelope=envelope)
    assert len([each for each in phone.twilio.received if each.to == number]) == 1
