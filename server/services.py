"""What a running application holds: the services of every route, and the batchers of the features that have one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import msgspec

from channels.line.api import LineApi
from coupons.coupon_codes import read_coupon_code
from ids import MemberId
from kit.apart import Apart
from kit.batching import RUNNERS, Batcher
from kit.clock import utc_now
from kit.database import CLOSE_TIMEOUT_S, Connection, Pool, close_pool, connect, in_transaction, open_pool
from kit.sealing import Keyring
from kit.sessions import shards_of
from kit.shards import Shards
from kit.throttle import Throttle
from programs.tills_repository import Till, authenticate_tills
from server.accounts.enrol import EnrolCommand, enrol
from server.backoffice.log_in_gate import LogInGate
from server.check_ins.scan import ScanCommand, scan
from server.console.map.live import LiveTransitions
from server.credentials.identify import find_named_member
from server.locations.locate import locate
from server.locations.waypoints import WaypointSync
from server.maintenance import run_maintenance
from server.receipts.report_message_events import report_message_events
from server.redemptions.redeem import RedeemCommand, redeem
from server.runtime.app_check import AppChecker
from server.runtime.apple_wallet import open_apple_wallet
from server.runtime.channels import channels_of_all, close_channels, open_channels
from server.runtime.gauges import measured
from server.runtime.google_wallet import open_google_wallet
from server.runtime.leaving import Leaving
from server.runtime.line_login import LineLogin
from server.runtime.pulse import telling
from server.runtime.reports import Reports, open_reports
from server.runtime.root_secret import open_keyring
from server.runtime.schema_guard import check_schema
from server.runtime.snapshot_keeper import SnapshotKeeper, keep_snapshot
from server.runtime.spread import by_shard
from server.runtime.store_places import StorePlaces
from server.settings import Settings
from server.web.idempotency import Answer, IdempotentCommand, Write, write_once
from server.web.services import Services
from server.web.tokens import TillKey

K = TypeVar("K", bound=IdempotentCommand)

# Where commands of one shard share a transaction, it takes more of those at a time.
_RUNNERS_OF_SHARDS = 4


class Opened(msgspec.Struct, frozen=True):
    """`of_features`: what single features ask for, by the name under which their routes do."""

    services: Services
    of_features: Mapping[str, object]


@asynccontextmanager
async def open_services(
    settings: Settings, keeper: SnapshotKeeper | None = None, leaving: Leaving | None = None
) -> AsyncIterator[Opened]:
    """`keeper`: one that somebody else keeps in this process. Without it, one is kept here. `leaving`: where the
    process is told to end; it is not ready any more then.

    Raises OutdatedSchema where the database was migrated to another revision than this code's, and WrongSecretKey.
    """
    await check_schema(settings.database_url)
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database_url, min_size=4, max_size=settings.database_connections)
        stack.push_async_callback(close_pool, pool)
        await stack.enter_async_context(telling(pool))
        reports = await stack.enter_async_context(open_reports(pool, settings.reports_database_url))
        await stack.enter_async_context(measured(pool, reports))
        keyring = await open_keyring(pool, settings.secret_key, utc_now())
        await run_maintenance(pool, utc_now(), settings.transition_days)
        if keeper is None:
            keeper = await stack.enter_async_context(keep_snapshot(settings.database_url))
        channels = open_channels(settings, pool, keyring, LineApi(settings.line_endpoint))
        stack.push_async_callback(close_channels, channels)
        services = _assemble(settings, pool, reports, keyring, keeper, leaving or Leaving())
        if services.google_wallet is not None:
            stack.push_async_callback(services.google_wallet.close)
        stack.push_async_callback(services.line_login.close)
        async with connect(pool) as conn:
            batchers = _make_batchers(services, shards_of(conn))
        running = (services.authenticating, *batchers.values())
        for batcher in running:
            batcher.start()
        try:
            alone = {"log_in_gate": LogInGate(), "live_transitions": LiveTransitions()}
            yield Opened(services, {**batchers, "waypoints": WaypointSync(pool, keeper), **alone})
        finally:
            await asyncio.wait([asyncio.ensure_future(each.close()) for each in running], timeout=CLOSE_TIMEOUT_S)


def _assemble(
    settings: Settings,
    pool: Pool,
    reports: Reports,
    keyring: Keyring,
    keeper: SnapshotKeeper,
    leaving: Leaving,
) -> Services:
    return Services(
        settings=settings,
        pool=pool,
        reports=reports,
        keyring=keyring,
        keeper=keeper,
        leaving=leaving,
        # One runner: who comes while tills are looked up shares the next statement, which costs what one till's does.
        authenticating=Batcher(
            partial(_authenticate_batch, pool), name="authenticating", key=lambda _: None, linger_s=0, runners=1
        ),
        password_throttle=Throttle(attempts=10, window_s=300),
        enrol_throttle=Throttle(attempts=600, window_s=60),
        browser_enrol_throttle=Throttle(attempts=60, window_s=60),
        recovery_throttle=Throttle(attempts=120, window_s=60),
        verification_throttle=Throttle(attempts=60, window_s=60),
        reset_throttle=Throttle(attempts=300, window_s=60),
        pairing_throttle=Throttle(attempts=60, window_s=60),
        paper_code_throttle=Throttle(attempts=20, window_s=3600),
        till_code_throttle=Throttle(attempts=240, window_s=3600),
        export_throttle=Throttle(attempts=10, window_s=3600),
        export_slots=asyncio.Semaphore(2),
        count_slots=asyncio.Semaphore(2),
        apart=Apart(at_once=2),
        channels=channels_of_all(settings),
        app_checker=AppChecker(settings.app_check_jwks),
        store_places=StorePlaces(),
        apple_wallet=open_apple_wallet(settings, keyring),
        google_wallet=open_google_wallet(settings),
        line_login=LineLogin(settings.line_endpoint),
    )


def _make_batchers(services: Services, shards: Shards) -> dict[str, Batcher[Any, Any]]:
    pool, keyring, keeper = services.pool, services.keyring, services.keeper
    runners = _RUNNERS_OF_SHARDS if shards.are_many else RUNNERS

    async def run_enrol(conn: Connection, commands: Sequence[EnrolCommand]) -> Sequence[Answer | Exception]:
        return await enrol(conn, keyring, commands)

    async def run_scan(conn: Connection, commands: Sequence[ScanCommand]) -> Sequence[Answer | Exception]:
        return await scan(conn, keyring, keeper.current, commands)

    async def run_redeem(conn: Connection, commands: Sequence[RedeemCommand]) -> Sequence[Answer | Exception]:
        return await redeem(conn, keyring, commands)

    def writing(name: str, run: Write[K], find_member: Callable[[K], MemberId | None]) -> "Batcher[K, Answer]":
        shard = by_shard(shards, find_member)
        write = partial(_write_batch, pool, keyring, run)
        return Batcher(write, name=name, key=_idempotency_lane, shard=shard, runners=runners)

    return {
        # New members lie anywhere, and nobody else holds a row of theirs.
        "enrolling": Batcher(partial(_write_batch, pool, keyring, run_enrol), name="enrolling", key=_idempotency_lane),
        "locating": Batcher(
            partial(locate, pool, keeper),
            name="locating",
            key=lambda command: command.device_id,
            shard=by_shard(shards, lambda command: command.member_id),
            runners=runners,
        ),
        "reporting": Batcher(
            partial(report_message_events, pool),
            name="reporting",
            key=lambda report: report.device.id,
            shard=by_shard(shards, lambda report: report.device.member_id),
            max_commands=50,
            runners=runners,
        ),
        "scanning": writing("scanning", run_scan, lambda command: find_named_member(command.presented)),
        "redeeming": writing("redeeming", run_redeem, partial(_find_owner, keyring)),
    }


def _find_owner(keyring: Keyring, command: RedeemCommand) -> MemberId | None:
    code = read_coupon_code(keyring, command.presented)
    return code.member_id if code else None


async def _write_batch(
    pool: Pool, keyring: Keyring, write: Write[K], commands: Sequence[K]
) -> Sequence[Answer | Exception]:
    return await in_transaction(pool, lambda conn: write_once(conn, keyring, commands, write))


async def _authenticate_batch(pool: Pool, keys: Sequence[TillKey]) -> Sequence[Till | None]:
    async with connect(pool) as conn:
        return await authenticate_tills(conn, [(key.till_id, key.secret) for key in keys])


def _idempotency_lane(command: IdempotentCommand) -> tuple[str, str] | None:
    """The same Idempotency-Key twice at once: the second waits for the first and then gets its answer."""
    key = command.idempotency_key
    return None if key is None else (key.principal, key.value)
