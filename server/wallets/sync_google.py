"""`sync_google`: the worker sends Google Wallet what has changed on members' passes, and which passes have ended.

Changes are found by polling our own database: every few minutes each pass is read again, and its fingerprint compared
with that of what Google took last. So no scan and no upload does any work for it, and what one poll misses the next one
finds. Any number of workers may run: a poll holds a lease, which runs out if the worker dies.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec
import structlog

from cards.google_object import GoogleEnding, GooglePass, PollResult
from cards.google_outcomes import LOCKED_S, WalletBusy, WalletFailure, WalletLocked, WalletRefused, delay_s
from cards.google_pass import GoogleCard, describe_ending, describe_object, fingerprint
from cards.google_passes_repository import (
    delete_google_ending,
    find_google_pass,
    lease_google_endings,
    lease_google_passes,
    postpone_google_ending,
    record_polls,
    upsert_google_endings,
)
from cards.google_wallet import GoogleWallet
from ids import ProgramId
from kit.clock import utc_now
from kit.database import (
    Connection,
    Pool,
    connect,
    in_statement,
    in_transaction,
)
from kit.rounds import run_rounds
from kit.sealing import Keyring
from server.runtime.store_places import StorePlaces
from server.wallets.google_cards import read_google_cards, read_google_programs
from server.wallets.save_to_google import POLL_EVERY, sync_class

IDLE_S = 1.0
LEASE_S = 120.0
BATCH = 100
_LONGEST_WAIT_S = 30.0

Clock = Callable[[], datetime]

log = structlog.get_logger()


class GoogleWalletSync(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker needs for it."""

    pool: Pool
    keyring: Keyring
    wallet: GoogleWallet
    stores: StorePlaces
    clock: Clock = utc_now


class SyncResult(msgspec.Struct, kw_only=True):
    """One round: `polled` passes, of which Google took `changed`; `failed` of them and of the `ended`."""

    polled: int = 0
    changed: int = 0
    ended: int = 0
    failed: int = 0
    is_locked: bool = False


async def sync_google_once(sync: GoogleWalletSync, *, limit: int = BATCH) -> SyncResult:
    """Send what is due. Raises DatabaseUnavailable; what was leased is then due again when its lease ends."""
    result = SyncResult()
    await _sync_endings(sync, result, limit)
    if not result.is_locked:
        await _sync_passes(sync, result, limit)
    return result


async def run_google_wallet_sync(sync: GoogleWalletSync, *, stop: asyncio.Event) -> None:
    """Sync until `stop` is set. No fault ends it: it logs, waits and goes on."""

    async def once() -> float:
        result = await sync_google_once(sync)
        if result.is_locked:
            log.error("google_wallet.locked", reason="Google refuses the service account", for_s=LOCKED_S)
            return LOCKED_S
        return IDLE_S if result.polled + result.ended + result.failed < BATCH else 0

    await run_rounds({"google_wallet.": once}, stop=stop, first_wait_s=IDLE_S, longest_wait_s=_LONGEST_WAIT_S)


async def _sync_endings(sync: GoogleWalletSync, result: SyncResult, limit: int) -> None:
    now = sync.clock()
    endings = await in_statement(sync.pool, lambda conn: lease_google_endings(conn, now, limit=limit, lease_s=LEASE_S))
    await asyncio.gather(*(_sync_ending(sync, result, ending) for ending in endings))


async def _sync_ending(sync: GoogleWalletSync, result: SyncResult, ending: GoogleEnding) -> None:
    failure = await _attempt(result, partial(sync.wallet.end, describe_ending(sync.wallet.issuer, ending.pass_id)))
    async with connect(sync.pool) as conn:
        if failure is None:
            result.ended += 1
            await delete_google_ending(conn, ending)
        else:
            next_attempt_at = sync.clock() + _delay(failure, ending.failures + 1)
            await postpone_google_ending(conn, ending, next_attempt_at)


async def _sync_passes(sync: GoogleWalletSync, result: SyncResult, limit: int) -> None:
    now = sync.clock()
    leased = await in_statement(sync.pool, lambda conn: lease_google_passes(conn, now, limit=limit, lease_s=LEASE_S))
    if not leased:
        return
    async with connect(sync.pool) as conn:
        cards = await read_google_cards(conn, sync.keyring, leased, sync.stores, now)
    await _sync_classes(sync, result, {each.program_id for each in leased})
    polls = await asyncio.gather(*(_poll(sync, result, each, cards) for each in leased))
    result.polled += len(polls)

    async def record(conn: Connection) -> None:
        recorded = await record_polls(conn, polls)
        unrecorded = [poll.leased for poll in polls if poll.leased.pass_id not in recorded]
        await _resend_endings(conn, unrecorded, sync.clock())

    await in_transaction(sync.pool, record)


async def _sync_classes(sync: GoogleWalletSync, result: SyncResult, program_ids: set[ProgramId]) -> None:
    async with connect(sync.pool) as conn:
        programs = await read_google_programs(conn, sorted(program_ids))
    for held, program in programs.values():
        await _attempt(result, partial(sync_class, sync.pool, sync.wallet, held, program))


async def _poll(
    sync: GoogleWalletSync, result: SyncResult, leased: GooglePass, cards: Mapping[UUID, GoogleCard]
) -> PollResult:
    now, card = sync.clock(), cards.get(leased.pass_id)
    if card is None:  # it ended after it was leased; its ending is sent apart
        return PollResult(leased, leased.synced_hash, now + POLL_EVERY, 0)
    content = describe_object(sync.wallet.issuer, card)
    synced_hash = fingerprint(content)
    if synced_hash == leased.synced_hash:
        return PollResult(leased, synced_hash, now + POLL_EVERY, 0)
    failure = await _attempt(result, partial(sync.wallet.change, "loyaltyObject", content))
    if failure is None:
        result.changed += 1
        return PollResult(leased, synced_hash, now + POLL_EVERY, 0)
    failures = leased.failures + 1
    return PollResult(leased, leased.synced_hash, sync.clock() + _delay(failure, failures), failures)


async def _resend_endings(conn: Connection, unrecorded: Sequence[GooglePass], now: datetime) -> None:
    """For passes that ended while they were polled: Google may have taken the change after the ending."""
    for each in unrecorded:
        held = await find_google_pass(conn, each.member_id)
        if held is None or held.pass_id != each.pass_id:
            await upsert_google_endings(conn, [each.pass_id], now)


async def _attempt(result: SyncResult, send: Callable[[], Awaitable[None]]) -> WalletFailure | None:
    """Neither what is sent nor what Google answers is logged: an object holds the secret of its codes."""
    if result.is_locked:
        return WalletLocked()
    failure: WalletFailure
    try:
        await send()
        return None
    except (WalletLocked, WalletBusy, WalletRefused) as error:
        failure = error
    result.failed += 1
    if isinstance(failure, WalletLocked):
        result.is_locked = True
    elif isinstance(failure, WalletRefused):
        log.error("google_wallet.refused", status=failure.status)
    return failure


def _delay(failure: WalletFailure, failures: int) -> timedelta:
    return timedelta(seconds=delay_s(failure, failures, random.random()))  # noqa: S311 - jitter, not a secret
