"""From a change to the phone that is told of it: the sweep, the pushes to a double of APNs, and the worker itself."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from cards.pass_signing import read_signer
from devtools.apple_authority import PASS_TYPE
from kit.database import in_transaction
from kit.sealing import Keyring
from push.apns import ApnsSender
from server.runtime.apple_wallet import AppleWallet
from server.runtime.store_places import StorePlaces
from server.wallets import apple_worker as wallet_news
from server.wallets.notify_apple import notify_apple
from server.wallets.refresh_passes import FIRST, PAGE, refresh_page
from tests.support.apns_double import Answer, ApnsDouble, run_apns_double
from tests.support.apple import PUSH_TOKEN, changed, pass_path, read, register, rows_of, set_points, sweep, values
from tests.support.databases import SECRET_KEY
from tests.support.live import ended, start
from tests.support.waiting import PATIENCE_S, until
from tests.support.world import APPLE_FILES, POINT_RULES, Chain, Member, open_world

KEYRING = Keyring(SECRET_KEY)


@pytest_asyncio.fixture(loop_scope="session")
async def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApnsDouble]:
    monkeypatch.setenv("SSL_CERT_FILE", str(APPLE_FILES.root))
    async with run_apns_double(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def alone(chain: Chain) -> Chain:
    """With no pass of another test around."""
    await chain.world.pool.execute("DELETE FROM apple_registrations")
    await chain.world.pool.execute("DELETE FROM apple_passes")
    return chain


@pytest_asyncio.fixture(loop_scope="session")
async def sender(double: ApnsDouble) -> AsyncIterator[ApnsSender]:
    opened = ApnsSender(APPLE_FILES.certificate, APPLE_FILES.key, PASS_TYPE, endpoint=double.endpoint)
    yield opened
    await opened.close()


async def notify(chain: Chain, sender: ApnsSender) -> int:
    return await notify_apple(chain.world.pool, KEYRING, sender)


async def a_holder(chain: Chain, push_token: str = PUSH_TOKEN) -> Member:
    """Somebody with points, whose phone holds the pass and has been told of all."""
    await chain.owner.put("/v1/program/points", POINT_RULES)
    member = await chain.enrol()
    assert (await register(member, push_token=push_token)).status_code == 201
    return member


async def due_of(chain: Chain, member: Member) -> list[Any]:
    return [row["due_at"] for row in await rows_of(chain, member)]


async def test_a_phone_is_told_once_of_a_change(alone: Chain, double: ApnsDouble, sender: ApnsSender) -> None:
    member = await a_holder(alone)
    assert await notify(alone, sender) == 1, "it may have changed before it was registered"
    assert (await notify(alone, sender), await due_of(alone, member)) == (0, [None])
    await sweep(alone)
    assert await notify(alone, sender) == 0, "nothing changed"
    await set_points(alone, member, 5)
    await sweep(alone)
    await sweep(alone)
    assert await notify(alone, sender) == 1
    assert [each.push_token for each in double.received] == [PUSH_TOKEN] * 2


async def test_a_phone_that_holds_the_pass_no_more_is_forgotten(
    alone: Chain, double: ApnsDouble, sender: ApnsSender
) -> None:
    member = await a_holder(alone)
    await register(member, "a-watch", "0e0f")
    double.answers[PUSH_TOKEN] = [Answer(410, "Unregistered")]
    assert await notify(alone, sender) == 2
    assert len(await rows_of(alone, member)) == 1
    assert await alone.world.count("apple_passes", alone.id) == 1
    double.answers["0e0f"] = [Answer(400, "BadDeviceToken")]
    await set_points(alone, member, 5)
    await sweep(alone)
    assert await notify(alone, sender) == 1
    assert await rows_of(alone, member) == []
    assert await alone.world.count("apple_passes", alone.id) == 0, "nobody holds it"


@pytest.mark.parametrize(
    "answer", [Answer(429, "TooManyRequests"), Answer(503), Answer(500), Answer(403, "BadCertificate")]
)
async def test_what_failed_is_tried_again_later(
    alone: Chain, double: ApnsDouble, sender: ApnsSender, answer: Answer
) -> None:
    member = await a_holder(alone)
    double.answers[PUSH_TOKEN] = [answer]
    assert await notify(alone, sender) == 1
    assert await notify(alone, sender) == 0, "not at once"
    (due_at,) = await due_of(alone, member)
    assert due_at is not None
    await alone.world.pool.execute("UPDATE apple_registrations SET due_at = now()")
    assert await notify(alone, sender) == 1
    assert await due_of(alone, member) == [None]


async def test_what_another_worker_holds_is_passed_over(alone: Chain, double: ApnsDouble, sender: ApnsSender) -> None:
    """Neither waits for the other: two who wait for each other's rows would be a deadlock."""
    held, free = await a_holder(alone, "0a0a"), await a_holder(alone, "0b0b")
    pool = alone.world.pool
    await pool.execute("UPDATE apple_registrations SET due_at = now() - interval '1 s'")
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM apple_registrations WHERE member_id = $1 FOR UPDATE", held.id)
        assert await asyncio.wait_for(notify(alone, sender), PATIENCE_S) == 1
        assert await due_of(alone, free) == [None]
    assert await notify(alone, sender) == 1


async def test_a_sweep_that_fails_keeps_no_phone_from_being_told(
    alone: Chain, double: ApnsDouble, sender: ApnsSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    async def fail(_pool: object, _stores: object, after: Any) -> Any:
        """At the second page, in every round."""
        calls.append(after)
        if after != FIRST:
            raise RuntimeError
        return alone.id, alone.id

    monkeypatch.setattr(wallet_news, "refresh_page", fail)
    files = (APPLE_FILES.certificate, APPLE_FILES.key, APPLE_FILES.intermediate)
    wallet = AppleWallet(read_signer(*(path.read_bytes() for path in files)), KEYRING, "https://noren.example")
    stop = asyncio.Event()
    running = asyncio.create_task(wallet_news._run(alone.world.pool, wallet, sender, stop))
    await until(lambda: len(calls) > 1)
    await a_holder(alone)
    await until(lambda: bool(double.received))
    stop.set()
    await running
    assert [each.push_token for each in double.received] == [PUSH_TOKEN]


async def test_what_changes_while_a_push_is_under_way_is_told_too(alone: Chain, sender: ApnsSender) -> None:
    member = await a_holder(alone)

    class Slow:
        async def send(self, tokens: list[str]) -> Any:
            await set_points(alone, member, 5)
            await sweep(alone)
            return await sender.send(tokens)

    assert await notify_apple(alone.world.pool, KEYRING, Slow()) == 1  # type: ignore[arg-type]
    assert await due_of(alone, member) != [None], "the change that came meanwhile"
    assert await notify(alone, sender) == 1
    assert await due_of(alone, member) == [None]


async def test_a_phone_that_registers_while_the_old_token_is_refused_stays(
    alone: Chain, double: ApnsDouble, sender: ApnsSender
) -> None:
    member = await a_holder(alone)
    double.answers[PUSH_TOKEN] = [Answer(410, "Unregistered")]

    class Slow:
        async def send(self, tokens: list[str]) -> Any:
            answers = await sender.send(tokens)
            assert (await register(member, push_token="0e0f")).status_code == 200
            return answers

    assert await notify_apple(alone.world.pool, KEYRING, Slow()) == 1  # type: ignore[arg-type]
    assert len(await rows_of(alone, member)) == 1
    assert await notify(alone, sender) == 1
    assert double.received[-1].push_token == "0e0f"


async def test_a_worker_that_dies_leaves_its_pushes_to_the_next(alone: Chain, sender: ApnsSender) -> None:
    member = await a_holder(alone)

    class Dying:
        async def send(self, tokens: list[str]) -> Any:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await notify_apple(alone.world.pool, KEYRING, Dying())  # type: ignore[arg-type]
    assert await notify(alone, sender) == 0, "leased"
    await alone.world.pool.execute("UPDATE apple_registrations SET due_at = due_at - interval '61 s'")
    assert await notify(alone, sender) == 1
    assert await due_of(alone, member) == [None]


async def test_many_workers_tell_each_phone_once(alone: Chain, double: ApnsDouble, sender: ApnsSender) -> None:
    await asyncio.gather(*(a_holder(alone, f"{number:04x}") for number in range(30)))
    counts = await asyncio.gather(*(notify(alone, sender) for _ in range(6)))
    assert sum(counts) == 30
    assert sorted(each.push_token for each in double.received) == [f"{number:04x}" for number in range(30)]


async def test_one_sweeps_at_a_time(alone: Chain) -> None:
    member = await a_holder(alone)
    tag = (await changed(member)).json()["lastUpdated"]
    await set_points(alone, member, 5)

    async def hold(conn: Any) -> None:
        await conn.fetchval("SELECT pg_advisory_xact_lock($1)", 0x6E6F72656E02)
        await sweep(alone)
        assert (await changed(member, since=tag)).status_code == 204, "another is at it"

    await in_transaction(alone.world.pool, hold)
    await asyncio.gather(*(refresh_page(alone.world.pool, StorePlaces(), FIRST) for _ in range(4)))
    assert (await changed(member, since=tag)).status_code == 200


async def test_the_sweep_goes_page_by_page(alone: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.wallets.refresh_passes.PAGE", 2)
    holders = [await a_holder(alone, f"{number:04x}") for number in range(5)]
    tags = [(await changed(member)).json()["lastUpdated"] for member in holders]
    for member in holders:
        await set_points(alone, member, 7)
    await alone.world.pool.execute("UPDATE apple_passes SET changed_at = changed_at - interval '5 s'")
    stores, after, pages = StorePlaces(), FIRST, 0
    while (following := await refresh_page(alone.world.pool, stores, after)) is not None:
        after, pages = following, pages + 1
    assert pages == 2
    assert PAGE > 2
    for member, tag in zip(holders, tags, strict=True):
        assert (await changed(member, since=tag)).status_code == 200
        assert values(read(await member.wallet.get(pass_path(member))))["points"] == 7


@pytest.mark.asyncio(loop_scope="session")  # the double's loop
async def test_the_worker_does_it_all(database: str, double: ApnsDouble, tmp_path: Path) -> None:
    live = start(
        database,
        SECRET_KEY,
        tmp_path / "log",
        only="worker",
        NOREN_PUBLIC_URL="https://noren.example",
        NOREN_APPLE_PASS_CERTIFICATE=str(APPLE_FILES.certificate),
        NOREN_APPLE_PASS_KEY=str(APPLE_FILES.key),
        NOREN_APPLE_WWDR_CERTIFICATE=str(APPLE_FILES.intermediate),
        NOREN_APNS_ENDPOINT=double.endpoint,
    )
    with ended(live):
        async with open_world(database) as world:
            chain = await world.add_chain()
            member = await a_holder(chain)
            await until(lambda: len(double.received) >= 1)
            await set_points(chain, member, 5)
            await until(lambda: len(double.received) >= 2)
            assert live.stop() == 0, live.log.read_text()
            assert await due_of(chain, member) == [None]
    log = live.log.read_text()
    assert PUSH_TOKEN not in log
    assert "_failing" not in log
