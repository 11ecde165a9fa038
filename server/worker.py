"""The worker: sends what waits in the outbox, and keeps the house (partitions, old records). Any number may run."""

import asyncio
import contextlib
from datetime import timedelta

import structlog

from geo.transitions_repository import maintain_partitions
from kit.clock import utc_now
from kit.database import Connection, DatabaseUnavailable, Pool, in_transaction, open_pool
from push.dispatch import run_dispatcher
from push.sender import Sender
from push.sink import SinkSender
from server.idempotency import forget_old_records
from server.schema_guard import check_schema
from server.settings import Settings

HOUSEKEEPING_EVERY = timedelta(hours=1)
_HOUSEKEEPING_LOCK = 0x6E6F72656E01

log = structlog.get_logger()


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set. Raises OutdatedSchema, DatabaseUnavailable at the start only."""
    await check_schema(settings.database_url)
    pool = await open_pool(settings.database_url, max_size=4)
    try:
        sender = await _open_sender(settings)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(run_dispatcher(pool, sender, stop=stop))
                group.create_task(_keep_house(pool, settings, stop))
        finally:
            await sender.close()
    finally:
        await pool.close()


async def _open_sender(settings: Settings) -> Sender:
    if settings.fcm_service_account is None:
        log.warning("push.sink", reason="NOREN_FCM_SERVICE_ACCOUNT is not set: pushes are logged, not sent")
        return SinkSender()
    from push.fcm import open_fcm  # noqa: PLC0415 - firebase-admin takes half a second and 40 MB to import

    return await open_fcm(settings.fcm_service_account, endpoint=settings.fcm_endpoint)


async def _keep_house(pool: Pool, settings: Settings, stop: asyncio.Event) -> None:
    async def work(conn: Connection) -> None:
        # One worker at a time; the others find nothing left to do.
        await conn.execute("SELECT pg_advisory_xact_lock($1)", _HOUSEKEEPING_LOCK)
        await maintain_partitions(conn, utc_now(), settings.transition_days)
        await forget_old_records(conn, utc_now())

    while not stop.is_set():
        try:
            await in_transaction(pool, work)
        except DatabaseUnavailable as error:
            log.warning("housekeeping.postponed", reason=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), HOUSEKEEPING_EVERY.total_seconds())
