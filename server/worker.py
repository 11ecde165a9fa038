"""The worker: sends pushes and codes that wait, answers LINE, tells wallets what has changed, sweeps silent presences,
renews points and ranks, finishes erasures and runs the maintenance.

Any number may run.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

import structlog

from channels.delivery_worker import run_deliveries
from channels.line.api import LineApi
from coupons.coupon_codes import make_coupon_code
from kit.clock import utc_now
from kit.database import Pool, close_pool, open_pool
from kit.rounds import Round, run_rounds
from outbox.finished_messages_repository import purge_finished
from outbox.tallies_repository import fold_tallies
from push.dispatch import run_dispatcher
from push.pace import Pace
from push.paced_sender import PacedSender
from push.sender import Sender
from push.sink import SinkSender
from server.issuing.release_messages import release_messages
from server.line.line_work import LineWork
from server.line.line_worker import run_line
from server.locations.sweep import sweep_all
from server.maintenance import run_maintenance
from server.messages.address_messages import CouponAddressing
from server.moving_in.work_sent import run_sent_imports
from server.phone.send_replies import run_replies
from server.privacy.erase import erase_again, erase_requested
from server.rewards.renew import renew_all
from server.runtime.apple_wallet import open_apple_wallet
from server.runtime.channels import close_channels, open_channels
from server.runtime.gauges import EVERY_S, measure_pool
from server.runtime.google_wallet import open_google_wallet
from server.runtime.root_secret import open_keyring
from server.runtime.schema_guard import check_schema
from server.runtime.snapshot_keeper import SnapshotKeeper
from server.runtime.store_places import StorePlaces
from server.schedules.work_runs import run_schedules
from server.setting_values import BadSetting
from server.settings import Settings
from server.wallets.apple_worker import run_apple_wallet
from server.wallets.sync_google import GoogleWalletSync, run_google_wallet_sync

MAINTENANCE_EVERY = timedelta(hours=1)
TICK_EVERY = timedelta(seconds=1)

log = structlog.get_logger()

Work = Callable[[], Awaitable[object]]


async def run_worker(settings: Settings, keeper: SnapshotKeeper, stop: asyncio.Event) -> None:
    """Work until `stop` is set. Raises OutdatedSchema, WrongSecretKey, DatabaseUnavailable at the start only."""
    await check_schema(settings.database_url)
    async with AsyncExitStack() as stack:  # each is closed, whatever breaks off the closing of another
        pool = await open_pool(settings.database_url, max_size=8, plans_anew=True)
        stack.push_async_callback(close_pool, pool)
        keyring = await open_keyring(pool, settings.secret_key, utc_now())
        code_of = partial(make_coupon_code, keyring)
        apple_wallet = open_apple_wallet(settings, keyring)
        sender = await _open_sender(settings)
        stack.push_async_callback(sender.close)
        google_wallet = open_google_wallet(settings)
        if google_wallet is not None:
            stack.push_async_callback(google_wallet.close)
        line = LineApi(settings.line_endpoint)
        channels = open_channels(settings, pool, keyring, line)
        stack.push_async_callback(close_channels, channels)
        async with asyncio.TaskGroup() as group:
            group.create_task(run_dispatcher(pool, sender, code_of=code_of, stop=stop))
            group.create_task(_run_maintenance_hourly(pool, settings, stop))
            group.create_task(_tick_on(pool, keeper, stop))
            group.create_task(_measure(pool, stop))
            group.create_task(run_schedules(pool, keeper, stop))
            group.create_task(run_sent_imports(pool, settings.database_url, settings.secret_key, stop))
            addressing = CouponAddressing(pool, keyring, settings.public_url)
            group.create_task(run_deliveries(pool, keyring, channels, stop=stop, addressing=addressing))
            line_work = LineWork(pool=pool, keyring=keyring, api=line, public_url=settings.public_url)
            group.create_task(run_line(line_work, stop=stop))
            if "sms" in channels:
                group.create_task(run_replies(pool, keyring, channels["sms"], stop=stop))
            if apple_wallet is not None:
                group.create_task(run_apple_wallet(pool, settings, apple_wallet, stop))
            if google_wallet is not None:
                sync = GoogleWalletSync(pool=pool, keyring=keyring, wallet=google_wallet, stores=StorePlaces())
                group.create_task(run_google_wallet_sync(sync, stop=stop))


async def _open_sender(settings: Settings) -> Sender:
    if settings.fcm_service_account is None:
        log.warning("push.sink", reason="NOREN_FCM_SERVICE_ACCOUNT is not set: pushes are logged, not sent")
        return SinkSender()
    from push.fcm import open_fcm  # noqa: PLC0415 - firebase-admin takes half a second and 40 MB to import

    try:
        fcm = await open_fcm(
            settings.fcm_service_account,
            endpoint=settings.fcm_endpoint,
            public_url=settings.public_url,
            client=settings.fcm_client,
        )
        return PacedSender(fcm, Pace())
    except (ValueError, OSError) as error:
        raise BadSetting("NOREN_FCM_SERVICE_ACCOUNT", "must be the JSON file of a Firebase service account") from error


async def _run_maintenance_hourly(pool: Pool, settings: Settings, stop: asyncio.Event) -> None:
    work = {
        "maintenance.": lambda: run_maintenance(pool, utc_now(), settings.transition_days),
        "messages.finished.": lambda: purge_finished(pool, utc_now()),
    }
    await _run_every(MAINTENANCE_EVERY, work, stop)


async def _measure(pool: Pool, stop: asyncio.Event) -> None:
    async def once() -> None:
        measure_pool("worker", pool)

    await _run_every(timedelta(seconds=EVERY_S), {"measuring.": once}, stop)


async def _tick_on(pool: Pool, keeper: SnapshotKeeper, stop: asyncio.Event) -> None:
    work = {
        "sweep.": lambda: sweep_all(pool, keeper, utc_now()),
        "renewal.": lambda: renew_all(pool, utc_now()),
        "messages.tallies.": lambda: fold_tallies(pool),
        "messages.deferred.": lambda: release_messages(pool, utc_now()),
        "erasure.requested.": lambda: erase_requested(pool, utc_now()),
        "erasure.": lambda: erase_again(pool, utc_now()),
    }
    await _run_every(TICK_EVERY, work, stop)


async def _run_every(every: timedelta, work: Mapping[str, Work], stop: asyncio.Event) -> None:
    """Rounds that far apart, whether they did much, little or failed."""
    every_s = every.total_seconds()

    def round_of(once: Work) -> Round:
        async def run() -> float:
            await once()
            return every_s

        return run

    rounds = {events: round_of(once) for events, once in work.items()}
    await run_rounds(rounds, stop=stop, first_wait_s=every_s, longest_wait_s=every_s)
