"""LINE's part of the worker: events of webhooks, what LINE says of each channel, and rich menus."""

import asyncio
from datetime import timedelta
from functools import partial

from channels.line.credentials import unseal_credentials
from channels.line.line_channels_repository import (
    find_channel,
    lease_channels,
    record_check,
    record_fault,
)
from channels.line.outcomes import LineFailure
from ids import ProgramId
from kit.database import connect, in_statement, in_transaction
from kit.rounds import run_rounds
from server.line.handle_events import BATCH, handle_events
from server.line.line_work import LineWork
from server.line.sync_menus import sync_menus

IDLE_S = 0.5
# Each look at the menus reads all links: ranks change without telling anybody.
MENUS_EVERY_S = 30.0
CHECK_EVERY = timedelta(minutes=10)
_CHECKS = 20
_LEASE_S = 120.0
_LONGEST_WAIT_S = 15.0


async def run_line(work: LineWork, *, stop: asyncio.Event) -> None:
    """Until `stop` is set. No fault ends it: it logs, waits and goes on."""

    async def handle() -> float:
        return IDLE_S if await handle_events(work) < BATCH else 0

    async def check() -> float:
        await check_channels(work)
        return IDLE_S

    async def sync() -> float:
        return MENUS_EVERY_S if await sync_menus(work) == 0 else IDLE_S

    rounds = partial(run_rounds, stop=stop, first_wait_s=IDLE_S, longest_wait_s=_LONGEST_WAIT_S)
    await asyncio.gather(rounds({"line.events.": handle, "line.channels.": check}), rounds({"line.menus.": sync}))


async def check_channels(work: LineWork) -> int:
    """Ask LINE about those that are due. Returns how many. Raises DatabaseUnavailable."""
    now = work.clock()
    due = await in_statement(work.pool, lambda conn: lease_channels(conn, now, limit=_CHECKS, lease_s=_LEASE_S))
    await asyncio.gather(*(_check(work, program_id) for program_id in due))
    return len(due)


async def _check(work: LineWork, program_id: ProgramId) -> None:
    async with connect(work.pool) as conn:
        channel = await find_channel(conn, program_id)
    if channel is None:
        return
    token = unseal_credentials(work.keyring, program_id, channel.sealed_credentials).access_token
    try:
        check = await work.api.check(token)
    except LineFailure as failure:
        next_at = work.clock() + timedelta(minutes=1)
        await in_transaction(
            work.pool, partial(record_fault, channel=channel, fault=failure.reason, next_check_at=next_at)
        )
        return
    now = work.clock()
    await in_transaction(
        work.pool, partial(record_check, channel=channel, check=check, now=now, next_check_at=now + CHECK_EVERY)
    )
