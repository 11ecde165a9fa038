"""The worker as a process: from an outbox row through the real firebase-admin to the FCM double."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from devtools.fcm_double import FcmDouble, Received
from geo.transitions_repository import PARTITIONING
from kit.clock import utc_now
from kit.database import Pool
from server.web.idempotency import KEPT
from tests.support.databases import SECRET_KEY
from tests.support.live import Live, ended, start
from tests.support.shop import Shop, fix, open_shop
from tests.support.waiting import until

PHONES = 60


@pytest.fixture(scope="module")
def running_double() -> Iterator[FcmDouble]:
    with FcmDouble() as double:
        yield double


@pytest.fixture
def double(running_double: FcmDouble) -> FcmDouble:
    running_double.received.clear()
    return running_double


@pytest.fixture
def account(double: FcmDouble, tmp_path: Path) -> Path:
    path = tmp_path / "account.json"
    path.write_text(json.dumps(double.service_account))
    return path


async def fill_outbox(pool: Pool, members: int) -> Shop:
    """Members who have just stepped in, each with a coupon whose push waits."""
    shop = await open_shop(pool)
    now = utc_now()
    await shop.write_campaign(starts_at=now - timedelta(days=1))
    await shop.locate(*(shopper.sends(fix(now)) for shopper in await shop.enrol(members)))
    assert await shop.count("outbox") == members
    return shop


def start_worker(dsn: str, double: FcmDouble, account: Path, log: Path) -> Live:
    return start(
        dsn,
        SECRET_KEY,
        log,
        only="worker",
        NOREN_FCM_SERVICE_ACCOUNT=str(account),
        NOREN_FCM_ENDPOINT=double.endpoint,
    )


async def messages(shop: Shop, *, state: str) -> list[asyncpg.Record]:
    """All messages, as soon as they are in that state."""

    async def look() -> list[asyncpg.Record] | None:
        rows = await shop.rows("outbox")
        return rows if {row["state"] for row in rows} == {state} else None

    found: list[asyncpg.Record] = await until(look)
    return found


def coupon_of(received: Received) -> str:
    return received.message.data["coupon_id"]


async def test_two_workers_send_every_message_once(
    pool: Pool, database: str, double: FcmDouble, account: Path, tmp_path: Path
) -> None:
    shop = await fill_outbox(pool, PHONES)
    workers = [start_worker(database, double, account, tmp_path / f"{number}.log") for number in range(2)]
    with ended(*workers):
        rows = await messages(shop, state="sent")
        assert [worker.stop() for worker in workers] == [0, 0]
    assert all(row["attempts"] == 1 and row["provider_message_id"] for row in rows)
    assert Counter(map(coupon_of, double.received)) == Counter(str(row["id"]) for row in await shop.rows("coupons"))
    devices = {str(row["device_id"]) for row in rows}
    assert {received.token for received in double.received} == devices


async def test_a_worker_killed_before_it_records_lets_another_send_it_again_as_the_same_coupon(
    pool: Pool, database: str, double: FcmDouble, account: Path, tmp_path: Path
) -> None:
    shop = await fill_outbox(pool, 1)
    first = start_worker(database, double, account, tmp_path / "first.log")
    async with recording_halted(pool):
        with ended(first):
            await until(lambda: double.received)
            first.kill()
    (row,) = await shop.rows("outbox")
    assert (row["state"], row["attempts"]) == ("sending", 1)
    second = start_worker(database, double, account, tmp_path / "second.log")
    with ended(second):
        await until_it_leases(pool)
        assert len(double.received) == 1  # the dead worker's lease still runs
        await pool.execute("UPDATE outbox SET lease_until = current_timestamp")
        (row,) = await messages(shop, state="sent")
        assert second.stop() == 0
    assert row["attempts"] == 2
    assert [coupon_of(received) for received in double.received] == [str(row["coupon_id"])] * 2
    assert len({json.dumps(received.message.data, sort_keys=True) for received in double.received}) == 1
    assert await shop.count("coupons") == 1


@asynccontextmanager
async def recording_halted(pool: Pool) -> AsyncIterator[None]:
    """Meanwhile whoever records an outcome waits; claims go through. What a dead worker was about to write goes."""
    await pool.execute(
        """
        CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN new; END $$;
        CREATE TRIGGER halt BEFORE UPDATE ON outbox FOR EACH ROW WHEN (new.state = 'sent') EXECUTE FUNCTION halt()
        """
    )
    async with pool.acquire() as held:
        await held.execute("SELECT pg_advisory_lock(1)")
        yield
        # As its kernel's closed socket would have it.
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event = 'advisory'"
        )
        await pool.execute("DROP TRIGGER halt ON outbox")
        await held.execute("SELECT pg_advisory_unlock(1)")


async def until_it_leases(pool: Pool) -> None:
    """Until a worker has asked for work a few times, and so would have taken what it can have."""
    asking = (
        "SELECT max(query_start) FROM pg_stat_activity"
        " WHERE query LIKE '%UPDATE outbox AS t%' AND pid <> pg_backend_pid() AND datname = current_database()"
    )
    seen: set[object] = set()

    async def look() -> bool:
        seen.add(await pool.fetchval(asking))
        return len(seen - {None}) >= 3

    await until(look)


async def test_it_keeps_the_house(pool: Pool, database: str, tmp_path: Path) -> None:
    now = utc_now()
    for key, age in (("old", KEPT + timedelta(seconds=1)), ("young", KEPT - timedelta(minutes=5))):
        await pool.execute(
            "INSERT INTO idempotency_records"
            " (principal, key_hash, request_hash, status, sealed_answer, member_ids, created_at)"
            " VALUES ($1, '\\x00', '\\x00', 201, '\\x00', '{}', $2)",
            *(key, now - age),
        )
    worker = start(database, SECRET_KEY, tmp_path / "worker.log", only="worker")
    with ended(worker):
        last = PARTITIONING.name_of(PARTITIONING.wanted_days(now.date())[-1])
        await until(lambda: pool.fetchval("SELECT to_regclass($1)", last))
        assert worker.stop() == 0
    assert [row["principal"] for row in await pool.fetch("SELECT principal FROM idempotency_records")] == ["young"]


async def test_it_refuses_to_start_with_an_account_that_is_none(database: str, tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text('{"type": "service_account"}')
    worker = start(database, SECRET_KEY, tmp_path / "worker.log", only="worker", NOREN_FCM_SERVICE_ACCOUNT=str(path))
    with ended(worker):
        assert await asyncio.to_thread(worker.process.wait) == 1
    said = worker.log.read_text()
    assert "NOREN_FCM_SERVICE_ACCOUNT" in said
    assert "Traceback" not in said


async def test_api_and_worker_in_one_process_end_together_when_asked(pool: Pool, database: str, tmp_path: Path) -> None:
    shop = await fill_outbox(pool, 3)
    live = start(database, SECRET_KEY, tmp_path / "server.log", only="all")
    with ended(live):
        await messages(shop, state="sent")
        code = await asyncio.to_thread(live.stop)
    said = live.log.read_text()
    assert code == 0, said
    assert "Traceback" not in said


async def test_a_part_that_fails_stops_no_other(pool: Pool, database: str, tmp_path: Path) -> None:
    """Erasures, and one chore of the house: neither the pushes nor the other chores wait for somebody to mend them."""
    await pool.execute(
        "INSERT INTO idempotency_records"
        " (principal, key_hash, request_hash, status, sealed_answer, member_ids, created_at)"
        " VALUES ('old', '\\x00', '\\x00', 201, '\\x00', '{}', $1)",
        utc_now() - KEPT - timedelta(seconds=1),
    )
    await pool.execute("ALTER TABLE erasures RENAME TO erasures_away")
    await pool.execute("ALTER TABLE google_endings RENAME TO google_endings_away")
    rolled_back = "SELECT xact_rollback >= $1 FROM pg_stat_database WHERE datname = current_database()"
    before = await pool.fetchval("SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()")
    worker = start(database, SECRET_KEY, tmp_path / "worker.log", only="worker")
    with ended(worker):
        shop = await fill_outbox(pool, 1)
        await messages(shop, state="sent")
        old = "SELECT count(*) = 0 FROM idempotency_records WHERE principal = 'old'"
        await until(lambda: pool.fetchval(old))
        # Each round of the erasures and the one chore were rolled back: several rounds, and one line about them.
        await until(lambda: pool.fetchval(rolled_back, before + 4))
        await until(lambda: "housekeeping.failed" in worker.log.read_text())
        assert await asyncio.to_thread(worker.stop) == 0
    said = worker.log.read_text()
    assert said.count("erasure.failing") == 1
    assert said.count("housekeeping.failed") == 1
