"""`./run bench chaos-push`: an outbox full of messages, and workers and a database that are killed while they are sent.

The workers are the real ones, killed without warning and started again, as is PostgreSQL; what reached the doubles of
FCM, a mail server, LINE and a provider of texts and calls is held against the outbox at the end: nothing lost, and no
more twice than was in flight; no text and no call twice at all.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from bench.chaos_push.checker import Verdict, judge
from bench.chaos_push.doubles import Doubles, open_doubles
from bench.chaos_push.filling import QUERIES, fill, read_held
from channels import delivery_worker
from devtools.apt import SetupError, say
from devtools.bootstrap import ROOT
from devtools.own_cluster import OwnCluster, own_cluster
from kit.clock import utc_now
from kit.database import DatabaseUnavailable, Pool, close_pool, connect, open_pool
from outbox.kinds import ChannelKind
from push import dispatch
from server.runtime.root_secret import open_keyring

_SECRET_KEY = bytes(range(32))
_LOOK_EVERY_S = 0.2
_END_LEASES_EVERY_S = 2.0  # it reads the whole outbox, as the count of what is open does
# A live worker is done with a message long before: what is leased for longer was a dead one's.
_DEAD_AFTER_S = 30.0
_DATABASE_EVERY = 5  # how many kills have one of PostgreSQL among them
_DOWN_S = 0.5
# What a worker has in flight, by two runners each. LINE knows our id and takes no second copy; a text or a call is
# posted once, whatever dies.
_IN_FLIGHT = 2 * delivery_worker.BATCH
WINDOWS: Mapping[ChannelKind, int] = {"push": 2 * dispatch.BATCH, "email": _IN_FLIGHT}


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    say(f"chaos-push with the seed {seed}")
    with (
        own_cluster() as cluster,
        open_doubles() as doubles,
        tempfile.TemporaryDirectory(prefix="noren-chaos-") as made,
    ):
        verdict = asyncio.run(_run(cluster, doubles, Path(made), asked, random.Random(seed)))
    figures = {"messages": verdict.messages, "kills": asked.kills, **msgspec.structs.asdict(verdict), "seed": seed}
    for name, figure in figures.items():
        print(f"{name:<24}{figure}")
    if asked.json:
        print(json.dumps(figures))
    return 0 if verdict.is_clean else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench chaos-push", description="Messages, while workers and the database are killed."
    )
    parser.add_argument("--messages", type=int, default=100_000, help="of twenty, sixteen are pushes")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--minutes", type=float, default=30.0, help="after which what is not out counts as lost")
    parser.add_argument("--seed", type=int, help="of when and whom it kills; drawn and told by default")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    return parser


async def _run(
    cluster: OwnCluster, doubles: Doubles, folder: Path, asked: argparse.Namespace, chance: random.Random
) -> Verdict:
    pool = await open_pool(cluster.dsn)
    try:
        recipients = await _fill(cluster.dsn, pool, doubles, asked.messages)
        crew = _Crew(cluster.dsn, doubles, folder, asked.workers, most_given_up=asked.kills * asked.workers)
        try:
            async with asyncio.timeout(60 * asked.minutes), _ending_old_leases(pool):
                await _kill_on(cluster, doubles, crew, asked, chance)
                await _wait_until_over(pool, crew)
        except TimeoutError:
            say("the time is over")
        finally:
            crew.end()
        async with pool.acquire() as conn:
            held = await read_held(conn, recipients)
        most_unknown = asked.kills * asked.workers * _IN_FLIGHT
        return judge(held, doubles.arrivals(), kills=asked.kills, windows=WINDOWS, most_unknown=most_unknown)
    finally:
        await close_pool(pool)


async def _fill(dsn: str, pool: Pool, doubles: Doubles, messages: int) -> dict[UUID, str]:
    keyring = await open_keyring(pool, _SECRET_KEY, utc_now())
    connection = await asyncpg.connect(dsn)  # of its own: a pool's give up on a long statement
    async with connection.transaction():
        recipients = await fill(connection, keyring, doubles, messages)
    await connection.execute("ANALYZE")
    await connection.close()
    return recipients


class _Crew:
    """The workers, under something that starts them again, as systemd or a container's runtime does.

    One that is killed is followed by another at once, and so is one that gives up: it does where it finds no database
    at its start. `most_given_up`: more than that have another reason.
    """

    def __init__(self, dsn: str, doubles: Doubles, folder: Path, workers: int, *, most_given_up: int) -> None:
        self._may_give_up = most_given_up
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NOREN_")}
        account = folder / "account.json"
        account.write_text(json.dumps(doubles.fcm.service_account))
        self._environment = clean | {
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": dsn,
            "NOREN_SECRET_KEY": base64.b64encode(_SECRET_KEY).decode(),
            "NOREN_LOG_LEVEL": "error",
            "NOREN_FCM_SERVICE_ACCOUNT": str(account),
            "NOREN_FCM_ENDPOINT": doubles.fcm.endpoint,
            "NOREN_SMTP_URL": doubles.smtp.url,
            "NOREN_SMTP_SENDER": "noreply@kissa.example",
            "NOREN_LINE_ENDPOINT": doubles.line.endpoint,
            "NOREN_PUBLIC_URL": "https://noren.example",  # reports of texts and calls would go there
        }
        self._workers = [self._start() for _ in range(workers)]

    async def kill(self, chance: random.Random) -> None:
        number = chance.randrange(len(self._workers))
        self._workers[number].kill()
        await asyncio.to_thread(self._workers[number].wait)
        self._workers[number] = self._start()

    def tend(self) -> None:
        """Raises SetupError."""
        for number, worker in enumerate(self._workers):
            if worker.poll() is None:
                continue
            self._may_give_up -= 1
            if self._may_give_up < 0:
                raise SetupError("the workers end by themselves")
            self._workers[number] = self._start()

    def end(self) -> None:
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "server", "--only", "worker"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


async def _kill_on(
    cluster: OwnCluster, doubles: Doubles, crew: _Crew, asked: argparse.Namespace, chance: random.Random
) -> None:
    """One after another, each when another part of the messages is out: so all of them fall into the sending."""
    for kill in range(1, asked.kills + 1):
        while doubles.count() < asked.messages * kill / (asked.kills + 1):
            crew.tend()
            await asyncio.sleep(_LOOK_EVERY_S)
        await asyncio.sleep(chance.uniform(0, _LOOK_EVERY_S))
        if kill % _DATABASE_EVERY == 0:
            await asyncio.to_thread(cluster.crash)
            await asyncio.sleep(chance.uniform(0, _DOWN_S))
            await asyncio.to_thread(cluster.start)
        else:
            await crew.kill(chance)


async def _wait_until_over(pool: Pool, crew: _Crew) -> None:
    while await _count_open(pool) != 0:
        crew.tend()
        await asyncio.sleep(_END_LEASES_EVERY_S)


async def _count_open(pool: Pool) -> int | None:
    """None: the database did not answer."""
    try:
        async with connect(pool) as conn:
            count: int = await conn.fetchval(QUERIES.count_open)
            return count
    except DatabaseUnavailable:
        return None


@asynccontextmanager
async def _ending_old_leases(pool: Pool) -> AsyncIterator[None]:
    async def end_on() -> None:
        while True:
            await _end_old_leases(pool)
            await asyncio.sleep(_END_LEASES_EVERY_S)

    ending = asyncio.create_task(end_on())
    try:
        yield
    finally:
        ending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ending


async def _end_old_leases(pool: Pool) -> None:
    # A worker may be at the same rows in another order, or the database is not back; the next look does it then.
    with contextlib.suppress(asyncpg.DeadlockDetectedError, DatabaseUnavailable):
        async with connect(pool) as conn:
            await conn.execute(QUERIES.end_old_leases, dispatch.LEASE_S, delivery_worker.LEASE_S, _DEAD_AFTER_S)
