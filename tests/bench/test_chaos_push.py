"""The checker finds each kind of fault; a short run with workers that end between any two steps finds none."""

import asyncio
from functools import partial

import pytest

from bench.chaos_push import WINDOWS
from bench.chaos_push.checker import Arrival, Held, judge
from bench.chaos_push.doubles import Doubles, open_doubles
from bench.chaos_push.filling import QUERIES, fill, read_held
from channels.channel import Channel
from channels.delivery_worker import run_deliveries
from channels.line.api import LineApi
from channels.line.channel import LineChannel
from channels.mail.smtp import MailIdentity, SmtpChannel
from channels.mail.smtp_pool import SmtpPool
from channels.mail.smtp_server import parse_smtp_url
from channels.phone.lines import Lines
from channels.phone.sending import Desk
from channels.phone.sms import SmsChannel
from channels.phone.voice import VoiceChannel
from coupons.coupon_codes import make_coupon_code
from kit.database import Pool, in_transaction
from kit.sealing import Keyring
from outbox.kinds import ChannelKind
from push.dispatch import run_dispatcher
from push.fcm import open_fcm
from server.runtime.mail_books import StoredMailBooks
from tests.support.databases import SECRET_KEY
from tests.support.waiting import until

KEYRING = Keyring(SECRET_KEY)
MESSAGES, KILLS = 200, 4
HELD = [Held("push", "c1", "m1", "sent"), Held("email", "a@example.com", "m2", "sent")]
TEXT = Held("sms", "+81901", "m3", "unknown")
CAME = [Arrival("push", "c1", "m1"), Arrival("email", "a@example.com", "m2")]


@pytest.mark.parametrize(
    ("held", "came", "fault"),
    [
        (HELD, CAME, None),
        (HELD, CAME[:1], "lost"),
        (HELD, [*CAME, *CAME[1:]], "beyond"),
        (HELD, [CAME[0], Arrival("email", "a@example.com", "m9")], "renamed"),
        ([HELD[0]._replace(state="sending"), HELD[1]], CAME, "stale"),
    ],
)
def test_the_checker_finds_each_fault(held: list[Held], came: list[Arrival], fault: str | None) -> None:
    verdict = judge(held, came, kills=0, windows={"push": 4, "email": 4})
    assert verdict.is_clean == (fault is None)
    assert fault is None or getattr(verdict, fault) == 1


@pytest.mark.parametrize("came", [[], [Arrival("sms", "+81901", "m3")]])
def test_a_text_of_which_nobody_knows_is_neither_lost_nor_stale(came: list[Arrival]) -> None:
    verdict = judge([TEXT], came, kills=1, windows={}, most_unknown=1)
    assert (verdict.is_clean, verdict.unknown) == (True, 1)
    assert judge([TEXT], came, kills=1, windows={}).beyond == 1
    twice = judge([TEXT], [Arrival("sms", "+81901", "m3")] * 2, kills=1, windows={}, most_unknown=1)
    assert twice.beyond == 1, "a text is posted once, whatever dies"


def test_who_was_killed_may_have_sent_what_it_had_in_flight() -> None:
    verdict = judge(HELD, [*CAME, *CAME], kills=1, windows={"push": 1, "email": 1})
    assert (verdict.is_clean, verdict.duplicates, verdict.duplicates_by_channel) == (True, 2, {"email": 1, "push": 1})


async def work(pool: Pool, doubles: Doubles, stop: asyncio.Event) -> None:
    """As a worker does, until it is stopped or dies."""
    sender = await open_fcm(doubles.fcm.service_account, endpoint=doubles.fcm.endpoint)
    mail_pool = SmtpPool(parse_smtp_url(doubles.smtp.url))
    smtp = SmtpChannel(mail_pool, MailIdentity("noreply@kissa.example"), KEYRING, StoredMailBooks(pool))
    desk, lines = Desk(pool, KEYRING, "https://noren.example"), Lines()
    channels: dict[ChannelKind, Channel] = {
        "email": smtp,
        "line": LineChannel(pool, KEYRING, LineApi(doubles.line.endpoint)),
        "sms": SmsChannel(desk, lines),
        "voice": VoiceChannel(desk, lines),
    }
    try:
        async with asyncio.TaskGroup() as group:
            code_of = partial(make_coupon_code, KEYRING)
            group.create_task(run_dispatcher(pool, sender, code_of=code_of, stop=stop, idle_s=0.01))
            group.create_task(run_deliveries(pool, KEYRING, channels, stop=stop))
    finally:
        await sender.close()
        for channel in channels.values():
            await channel.close()


async def test_workers_that_die_lose_nothing(pool: Pool) -> None:
    with open_doubles() as doubles:
        recipients = await in_transaction(pool, lambda conn: fill(conn, KEYRING, doubles, MESSAGES))
        for kill in range(1, KILLS + 1):
            dying = asyncio.create_task(work(pool, doubles, asyncio.Event()))
            await until(lambda kill=kill: doubles.count() >= MESSAGES * kill // (KILLS + 1))  # type: ignore[misc]
            dying.cancel()
            await asyncio.wait([dying])
            await pool.execute("UPDATE outbox SET lease_until = now() WHERE state = 'sending'")
        stop = asyncio.Event()
        living = asyncio.create_task(work(pool, doubles, stop))
        await until(lambda: pool.fetchval(f"SELECT ({QUERIES.count_open}) = 0"))
        stop.set()
        await living
        async with pool.acquire() as conn:
            held = await read_held(conn, recipients)
        verdict = judge(held, doubles.arrivals(), kills=KILLS, windows=WINDOWS, most_unknown=MESSAGES)
    assert verdict.is_clean, verdict
    assert (verdict.messages, verdict.lost) == (MESSAGES, 0)
