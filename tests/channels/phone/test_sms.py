"""Texts through doubles of providers, over real sockets and a real database: what reached the provider is counted."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date

import msgspec
import pytest
import pytest_asyncio

from channels.channel import Envelope, PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError
from channels.messages import SmsMessage
from channels.phone.account import Tariff, hash_number
from channels.phone.phone_accounts_repository import is_opted_out, opt_out
from channels.phone.sms import SmsChannel
from devtools.direct_sms_double import DirectSmsDouble
from devtools.socket_double import Answer
from devtools.twilio_double import Accepted, Behaviour, Broken, Cut, Refused, TwilioDouble
from ids import ProgramId
from kit.database import Pool
from kit.ids import new_id
from programs import programs_repository
from tests.support.telephony import (
    KEYRING,
    NOON,
    account_of,
    direct_account,
    envelope_for,
    keep_account,
    make_channels,
)
from tests.support.waiting import until

PHONE = "+819012345678"
TODAY = date(2026, 11, 28)


@pytest.fixture(scope="module")
def twilio() -> Iterator[TwilioDouble]:
    with TwilioDouble() as double:
        yield double


@dataclass
class Bench:
    """A program that sends texts."""

    pool: Pool
    program_id: ProgramId
    channel: SmsChannel
    twilio: TwilioDouble

    async def send(self, to: str, body: str = "テスト", envelope: Envelope | None = None) -> str | None:
        return await self.channel.send(envelope or envelope_for(self.program_id), SmsMessage(to, body))

    async def spent(self) -> int:
        query = "SELECT coalesce(sum(spent), 0) FROM phone_spending WHERE program_id = $1"
        return int(await self.pool.fetchval(query, self.program_id))

    async def state_of(self, envelope: Envelope) -> str:
        return str(await self.pool.fetchval("SELECT state FROM phone_sends WHERE id = $1", envelope.message_id))


@pytest_asyncio.fixture
async def desk(pool: Pool, twilio: TwilioDouble) -> AsyncIterator[Bench]:
    async with pool.acquire() as conn:
        program = await programs_repository.create_program(conn, "sakura", "Sakura", "ja", NOON)
    await keep_account(pool, account_of(program.id, twilio))
    channel, _ = make_channels(pool)
    yield Bench(pool, program.id, channel, twilio)
    await channel.close()


async def test_a_text_is_taken_once_and_paid_for(desk: Bench) -> None:
    envelope = envelope_for(desk.program_id)
    sid = await desk.send("+819000000001", "あ" * 71, envelope)
    (taken,) = desk.twilio.taken("+819000000001")
    assert taken.sid == sid
    assert (taken.form["Body"], taken.form["From"]) == ("あ" * 71, "+815012345678")
    assert taken.form["StatusCallback"] == f"https://noren.example/v1/phone/texts/{envelope.message_id}/reports"
    assert taken.form["ValidityPeriod"] == "600"
    assert await desk.spent() == 18
    # A worker that died before it could write that down sends it again, in vain.
    assert await desk.send("+819000000001", "あ" * 71, envelope) == sid
    assert len(desk.twilio.taken("+819000000001")) == 1
    assert await desk.spent() == 18


@pytest.mark.parametrize(
    ("number", "behaviour", "error", "reason", "retry_after_s", "spent"),
    [
        ("+819000000010", Refused(429, 20429, 7), TransientDeliveryError, "rate", 7.0, 0),
        ("+819000000011", Refused(429), TransientDeliveryError, "rate", None, 0),
        ("+819000000012", Refused(503), TransientDeliveryError, "unavailable", None, 0),
        ("+819000000013", Refused(400, 21614), PermanentDeliveryError, "landline", None, 0),
        ("+819000000014", Broken(500), UnknownDeliveryError, "http_500", None, 9),
        ("+819000000015", Cut(), UnknownDeliveryError, "no_answer_ServerDisconnectedError", None, 9),
        ("+819000000016", Cut(is_taken=False), UnknownDeliveryError, "no_answer_ServerDisconnectedError", None, 9),
        # An answer in two pieces is one answer: half of it is no JSON, and so its code was lost.
        ("+819000000017", Refused(400, 21408, halves_s=0.05), TransientDeliveryError, "sender_or_account", None, 0),
        ("+819000000018", Refused(307), TransientDeliveryError, "redirected", None, 0),
        ("+819000000019", Accepted(says=b"{}"), UnknownDeliveryError, "unreadable", None, 9),
        ("+819000000021", Accepted(says=b'{"sid":"SM\\u0000"}'), UnknownDeliveryError, "unreadable", None, 9),
        ("+819000000022", Accepted(says=b"<html>Sign in</html>"), UnknownDeliveryError, "JSONDecodeError", None, 9),
        ("+819000000023", Accepted(says=b"[]"), UnknownDeliveryError, "AttributeError", None, 9),
    ],
)
async def test_what_was_surely_not_taken_may_be_sent_again_and_nothing_else(
    desk: Bench,
    number: str,
    behaviour: Behaviour,
    error: type[Exception],
    reason: str,
    retry_after_s: float | None,
    spent: int,
) -> None:
    desk.twilio.script(number, [behaviour])
    envelope = envelope_for(desk.program_id)
    with pytest.raises(error) as raised:
        await desk.send(number, envelope=envelope)
    assert vars(raised.value).get("reason") == reason
    assert vars(raised.value).get("retry_after_s") == retry_after_s
    assert await desk.spent() == spent
    if error is TransientDeliveryError:
        assert await desk.send(number, envelope=envelope) is not None
        assert len(desk.twilio.taken(number)) == 1
        assert await desk.spent() == 9
    elif error is UnknownDeliveryError:
        with pytest.raises(error):
            await desk.send(number, envelope=envelope)
        assert len([each for each in desk.twilio.received if each.to == number]) == 1


async def test_who_has_opted_out_at_the_provider_is_not_posted_to_again(desk: Bench) -> None:
    number = "+819000000610"
    for _ in range(2):
        with pytest.raises(PermanentDeliveryError, match="opted_out"):
            await desk.send(number)
    assert len([each for each in desk.twilio.received if each.to == number]) == 1
    async with desk.pool.acquire() as conn:
        assert await is_opted_out(conn, desk.program_id, hash_number(KEYRING, desk.program_id, number), "sms")


async def test_a_provider_that_is_not_there_has_taken_nothing(desk: Bench) -> None:
    await keep_account(desk.pool, account_of(desk.program_id, desk.twilio, api_url="http://127.0.0.1:1"))
    envelope = envelope_for(desk.program_id)
    with pytest.raises(TransientDeliveryError, match="unreachable"):
        await desk.send(PHONE, envelope=envelope)
    assert (await desk.state_of(envelope), await desk.spent()) == ("waiting", 0)


async def test_a_worker_that_died_while_it_posted_leaves_an_unknown_one(desk: Bench) -> None:
    number, envelope = "+819000000020", envelope_for(desk.program_id)
    desk.twilio.script(number, [Accepted(delay_s=30)])
    posting = asyncio.create_task(desk.send(number, envelope=envelope))
    await until(lambda: bool(desk.twilio.taken(number)))
    posting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await posting
    # Whatever has changed meanwhile: it may be out, and is no refused one that another channel may take over.
    again = msgspec.structs.replace(envelope, attempts=2)
    async with desk.pool.acquire() as conn:
        await opt_out(conn, desk.program_id, hash_number(KEYRING, desk.program_id, number), "sms", "reply", NOON)
    with pytest.raises(UnknownDeliveryError, match="interrupted"):
        await desk.send(number, envelope=again)
    await keep_account(desk.pool, account_of(desk.program_id, desk.twilio, sms_route=None))
    with pytest.raises(UnknownDeliveryError, match="interrupted"):
        await desk.send(number, envelope=again)
    assert (await desk.state_of(envelope), len(desk.twilio.taken(number))) == ("unknown", 1)


async def test_a_refused_text_that_an_owner_sends_again_is_posted_again(desk: Bench) -> None:
    number, envelope = "+819000000024", envelope_for(desk.program_id)
    desk.twilio.script(number, [Refused(400, 21604)])
    with pytest.raises(PermanentDeliveryError, match="bad_request"):
        await desk.send(number, envelope=envelope)
    again = msgspec.structs.replace(envelope, attempts=2)
    assert await desk.send(number, envelope=again) is not None
    assert await desk.send(number, envelope=again) is not None
    assert (len(desk.twilio.taken(number)), await desk.spent()) == (1, 9)


async def test_the_last_fifth_of_a_days_money_is_for_codes(desk: Bench) -> None:
    number = "+819000000025"
    of_a_campaign = msgspec.structs.replace(envelope_for(desk.program_id), is_essential=False)
    await keep_account(
        desk.pool,
        account_of(
            desk.program_id, desk.twilio, tariff=Tariff(currency="JPY", segment_price=9, call_price=20, day_cap=45)
        ),
    )
    for _ in range(4):
        await desk.send(number, envelope=msgspec.structs.replace(of_a_campaign, message_id=new_id()))
    with pytest.raises(TransientDeliveryError, match="spending_cap"):
        await desk.send(number, envelope=of_a_campaign)
    assert await desk.send(number) is not None
    assert await desk.spent() == 45


async def test_many_at_once_never_spend_more_than_the_cap(desk: Bench) -> None:
    number = "+819000000030"
    results = await asyncio.gather(*(desk.send(number, "あ" * 134) for _ in range(70)), return_exceptions=True)
    taken = [each for each in results if isinstance(each, str)]
    assert {str(each) for each in results if not isinstance(each, str)} == {"spending_cap"}
    assert len(taken) == len(desk.twilio.taken(number)) == 1000 // 18
    assert await desk.spent() == 990
    # What is left is enough for one part.
    assert await desk.send(number) is not None
    with pytest.raises(TransientDeliveryError, match="spending_cap") as raised:
        await desk.send(number)
    assert raised.value.retry_after_s == 300


async def test_who_wants_no_texts_gets_none(desk: Bench) -> None:
    number = "+819000000040"
    async with desk.pool.acquire() as conn:
        await opt_out(conn, desk.program_id, hash_number(KEYRING, desk.program_id, number), "sms", "reply", NOON)
    with pytest.raises(PermanentDeliveryError, match="opted_out"):
        await desk.send(number)
    assert not desk.twilio.taken(number)


async def test_a_program_without_an_account_sends_nothing(desk: Bench) -> None:
    async with desk.pool.acquire() as conn:
        other = await programs_repository.create_program(conn, "other", "Other", "ja", NOON)
    with pytest.raises(PermanentDeliveryError, match="not_set_up"):
        await desk.channel.send(envelope_for(other.id), SmsMessage(PHONE, "x"))


async def test_a_domestic_route_takes_texts_by_plain_http(desk: Bench) -> None:
    with DirectSmsDouble() as direct:
        await keep_account(desk.pool, direct_account(desk.program_id, desk.twilio, direct))
        envelope = envelope_for(desk.program_id)
        assert await desk.send(PHONE, "登録はこちら", envelope) == "d-1"
        (request,) = direct.received
        assert request == {
            "id": str(envelope.message_id),
            "to": PHONE,
            "from": "KISSA",
            "text": "登録はこちら",
            "report_url": f"https://noren.example/v1/phone/direct-texts/{envelope.message_id}/reports",
            "expires_at": envelope.expires_at.isoformat(),
        }
        refusals = [Answer(429, b"", 5), Answer(400, b'{"code":"landline"}'), Answer(502, b""), Answer(200, b"<p>")]
        direct.script(PHONE, refusals)
        for error, reason in (
            (TransientDeliveryError, "rate"),
            (PermanentDeliveryError, "landline"),
            (UnknownDeliveryError, "http_502"),
            (UnknownDeliveryError, "unreadable"),
        ):
            with pytest.raises(error, match=reason):
                await desk.send(PHONE)
        for said in (b"", b"{}", b'{"message_id": 7}', b'{"message_id": "\\u0000"}'):
            direct.script(PHONE, [Answer(202, said)])
            assert await desk.send(PHONE) is None
    with pytest.raises(TransientDeliveryError, match="unreachable"):
        await desk.send(PHONE)
    assert await desk.spent() == 63  # those that were taken, and the two of which nothing is known
