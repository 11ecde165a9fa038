"""LINE as a channel, against a LINE that has faults: what reached it is counted there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
import pytest_asyncio

from channels.channel import Envelope, PermanentDeliveryError, TransientDeliveryError
from channels.deliveries_repository import queue_message
from channels.delivery_worker import deliver_once
from channels.line import api as line_api
from channels.line.api import LineApi
from channels.line.channel import LineChannel
from channels.line.line_channels_repository import find_channel, record_spent
from channels.line.outcomes import LineAnswer, LineBusy, LineQuotaSpent, LineRefused, judge_failure, next_month
from channels.messages import LineMessage, SmsMessage
from devtools.line_double import Channel, Fault, LineDouble, broken, rate_limited
from devtools.line_events import unfollow
from kit.clock import utc_now
from kit.database import connect, in_transaction
from kit.ids import new_id
from kit.sealing import Keyring
from server.line.line_worker import check_channels
from tests.support.databases import SECRET_KEY
from tests.support.line import connect_line, handle_all, line_worker, link, post_events
from tests.support.world import Chain, Member

KEYRING = Keyring(SECRET_KEY)
USER = "U1"
HELLO = LineMessage(USER, [{"type": "text", "text": "ようこそ"}])


@pytest_asyncio.fixture(loop_scope="session")
async def channel(chain: Chain, line: LineDouble, clean_line: None) -> Channel:
    opened = line.open_channel("1650000001", friends={USER})
    await connect_line(chain, opened)
    return opened


@pytest_asyncio.fixture(loop_scope="session")
async def member(chain: Chain, channel: Channel, line: LineDouble) -> Member:
    linked = await chain.enrol()
    await link(chain, channel, line, linked, USER)
    line.calls.clear()
    return linked


def _same(at: datetime) -> datetime:
    return at


@asynccontextmanager
async def opened(chain: Chain, line: LineDouble) -> AsyncIterator[LineChannel]:
    channel = LineChannel(chain.world.pool, KEYRING, LineApi(line.endpoint))
    try:
        yield channel
    finally:
        await channel.close()


def envelope(chain: Chain, message_id: UUID | None = None) -> Envelope:
    return Envelope(
        message_id=message_id or new_id(),
        program_id=chain.id,
        member_id=None,
        attempts=1,
        expires_at=utc_now() + timedelta(hours=1),
    )


@pytest.mark.usefixtures("member")
async def test_what_is_sent_arrives_once_whatever_becomes_of_the_answer(
    chain: Chain, line: LineDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fault is followed by as many attempts as it takes, with the same message id."""
    monkeypatch.setattr(line_api, "TIMEOUT_S", 0.5)
    faults = {
        "none": [],
        "cut off after it was accepted": [Fault(is_cut=True)],
        "accepted, and the answer late": [Fault(slow_s=2)],
        "500": [broken()],
        "503, twice": [broken(503), broken(503)],
        "too many at once": [rate_limited(7), rate_limited()],
        "cut off, and then out of order": [Fault(is_cut=True), broken(), Fault(is_cut=True)],
        # What stands between us answers in LINE's place, and its 200 is no acceptance.
        "led elsewhere": [Fault(307, location=f"{line.endpoint}/elsewhere"), Fault(302, location="/sign-in")],
        "200, and none of LINE's": [Fault(200, "signed in")],
    }
    async with opened(chain, line) as channel:
        for what, script in faults.items():
            before, message_id, waits = len(line.received), new_id(), []
            line.faults.extend(script)
            for _ in script:
                with pytest.raises(TransientDeliveryError) as failure:
                    await channel.send(envelope(chain, message_id), HELLO)
                waits.append(failure.value.retry_after_s)
            accepted = await channel.send(envelope(chain, message_id), HELLO)
            assert accepted == await channel.send(envelope(chain, message_id), HELLO), what  # 409: that one
            received = line.received[before:]
            assert [each.retry_key for each in received] == [str(message_id)], what
            if what == "too many at once":
                assert waits == [7.0, None]
    assert not [call for call in line.calls if "elsewhere" in call or "sign-in" in call]


async def test_a_month_that_is_spent_is_final_and_line_is_not_asked_again(
    chain: Chain, line: LineDouble, channel: Channel, member: Member
) -> None:
    channel.limit = channel.sent = 3
    async with opened(chain, line) as sender:
        for _ in range(3):
            with pytest.raises(PermanentDeliveryError) as refused:
                await sender.send(envelope(chain), HELLO)
            assert refused.value.reason == "line_monthly_limit"
    assert len([call for call in line.calls if call.endswith("/push")]) == 1
    shown = (await chain.owner.get("/v1/program/line")).json()
    assert datetime.fromisoformat(shown["spent_until"]) == next_month(utc_now())
    # The owner buys more, and the worker learns it.
    channel.limit = 1000
    async with line_worker(chain.world.pool, line) as work:
        assert await check_channels(work) == 1
        assert await check_channels(work) == 0  # in ten minutes
    shown = (await chain.owner.get("/v1/program/line")).json()
    assert (shown["monthly_limit"], shown["sent_this_month"], shown["spent_until"]) == (1000, 3, None)
    assert (shown["bot_user_id"], shown["fault"]) == (channel.bot_user_id, None)
    async with opened(chain, line) as sender:
        assert await sender.send(envelope(chain), HELLO)
    assert (await member.app.get("/v1/me/line")).json()["receives_messages"]


@pytest.mark.usefixtures("member")
async def test_a_month_that_was_spent_is_that_of_the_channel_that_was_asked_with(
    chain: Chain, line: LineDouble, channel: Channel
) -> None:
    """The owner connects another one while LINE's answer is on its way."""
    async with connect(chain.world.pool) as conn:
        asked_with = await find_channel(conn, chain.id)
        assert asked_with is not None
        await connect_line(chain, channel)
        await record_spent(conn, asked_with, next_month(utc_now()), utc_now())
    assert (await chain.owner.get("/v1/program/line")).json()["spent_until"] is None
    async with opened(chain, line) as sender:
        assert await sender.send(envelope(chain), HELLO)


async def test_who_would_get_nothing_is_not_sent_to(
    chain: Chain, line: LineDouble, channel: Channel, member: Member
) -> None:
    """LINE says 200 for a friend who has blocked the account, and 400 for somebody whom it cannot reach."""
    async with opened(chain, line) as sender:

        async def reason_of(message: LineMessage | SmsMessage) -> str:
            with pytest.raises(PermanentDeliveryError) as refused:
                await sender.send(envelope(chain), message)
            return refused.value.reason

        line.faults.append(Fault(400, "Failed to send messages"))
        assert await reason_of(HELLO) == "line_unreachable"
        assert not (await member.app.get("/v1/me/line")).json()["receives_messages"]
        calls = len(line.calls)
        assert await reason_of(HELLO) == "line_blocked"
        assert await reason_of(LineMessage("U2", HELLO.messages)) == "line_unlinked"
        assert await reason_of(SmsMessage(USER, "hello")) == "line_message"
        await post_events(chain.world, chain.id, channel, [unfollow(USER, ago_s=-60)])
        await handle_all(chain.world.pool, line)
        assert await reason_of(HELLO) == "line_blocked"
        await chain.owner.delete("/v1/program/line")
        assert await reason_of(HELLO) == "line_not_configured"
        assert len(line.calls) == calls


@pytest.mark.usefixtures("member")
async def test_a_refused_token_is_shown_and_the_message_waits_for_a_new_one(
    chain: Chain, line: LineDouble, channel: Channel
) -> None:
    del line.channels[channel.token]
    async with opened(chain, line) as sender:
        with pytest.raises(TransientDeliveryError, match="line_token"):
            await sender.send(envelope(chain), HELLO)
        async with line_worker(chain.world.pool, line) as work:
            await check_channels(work)
        shown = (await chain.owner.get("/v1/program/line")).json()
        assert (shown["fault"], shown["bot_user_id"]) == ("line_token", None)
        renewed = line.open_channel(channel.channel_id, secret=channel.secret, friends={USER})
        await connect_line(chain, renewed)
        assert await sender.send(envelope(chain), HELLO)
    assert (await chain.owner.get("/v1/program/line")).json()["fault"] is None


async def test_the_worker_sends_what_waits(chain: Chain, line: LineDouble, member: Member) -> None:
    pool, now = chain.world.pool, utc_now()
    line.faults.append(Fault(is_cut=True))
    await in_transaction(
        pool, lambda conn: queue_message(conn, KEYRING, member.id, chain.id, HELLO, now, now + timedelta(hours=1))
    )
    async with opened(chain, line) as sender:
        for expected, after in (("retryable", timedelta()), ("sent", timedelta(minutes=5))):
            at = utc_now() + after
            await deliver_once(pool, KEYRING, {"line": sender}, clock=partial(_same, at))
            state = "SELECT state FROM outbox WHERE member_id = $1 AND channel = 'line'"
            assert await pool.fetchval(state, member.id) == expected
    assert len(line.received) == 1


@pytest.mark.parametrize(
    ("status", "message", "kind", "reason"),
    [
        (429, "The API rate limit has been exceeded. Try again later.", LineBusy, "line_rate"),
        (429, "You have reached your monthly limit.", LineQuotaSpent, "line_monthly_limit"),
        (429, "", LineBusy, "line_rate"),
        (400, "The request body has 1 error(s)", LineRefused, "line_400"),
        (403, "Access to this API is not available for your account", LineRefused, "line_403"),
        (413, "Request Entity Too Large", LineRefused, "line_413"),
        (408, "", LineBusy, "line_408"),
        (502, "<html>", LineBusy, "line_502"),
    ],
)
def test_what_an_answer_means(status: int, message: str, kind: type[Exception], reason: str) -> None:
    failure = judge_failure(LineAnswer(status, message), is_to_user=True)
    assert (type(failure), failure.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 11, 28, tzinfo=UTC), datetime(2026, 11, 30, 15, tzinfo=UTC)),
        (datetime(2026, 11, 30, 15, tzinfo=UTC), datetime(2026, 12, 31, 15, tzinfo=UTC)),
        (datetime(2027, 1, 31, 14, 59, tzinfo=UTC), datetime(2027, 1, 31, 15, tzinfo=UTC)),
    ],
)
def test_lines_month_is_japans(now: datetime, then: datetime) -> None:
    assert next_month(now) == then
