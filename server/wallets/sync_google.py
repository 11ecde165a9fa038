"""`tell_google`: the worker's part. Google Wallet is told what has changed on members' passes, and which are over.

Whether something has changed is found by looking: each pass is read anew every few minutes and its fingerprint held
against what Google took last. So no scan and no upload does anything for it, and what a look missed the next one finds.
Any number of workers may run: looks are leased, and a crash lets the lease run out.
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
    find_google_pass,
    lease_google_endings,
    lease_google_passes,
    postpone_google_ending,
    record_polls,
    remove_google_ending,
    upsert_google_endings,
)
from cards.google_wallet import GoogleWallet
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
from server.wallets.save_to_google import LOOK_EVERY, sync_class

IDLE_S = 1.0
LEASE_S = 120.0
BATCH = 100
_LONGEST_WAIT_S = 30.0

Clock = Callable[[], datetime]

log = structlog.get_logger()


class GoogleWalletSync(msgspec.Struct, frozen=True):
    """What a worker tells Google with."""

    pool: Pool
    keyring: Keyring
    wallet: GoogleWallet
    stores: StorePlaces
    clock: Clock = utc_now


class SyncResult(msgspec.Struct):
    """One round: `looked` passes, of which Google took `changed`; `failed` of them and of the `ended`."""

    looked: int = 0
    changed: int = 0
    ended: int = 0
    failed: int = 0
    is_locked: bool = False


async def sync_google_once(teller: GoogleWalletSync, *, limit: int = BATCH) -> SyncResult:
    """Tell what is due. Raises DatabaseUnavailable; what was leased then waits for its lease."""
    told = SyncResult()
    await _tell_endings(teller, told, limit)
    if not told.is_locked:
        await _tell_changes(teller, told, limit)
    return told


async def run_google_wallet(teller: GoogleWalletSync, *, stop: asyncio.Event) -> None:
    """Tell until `stop` is set. No fault ends it: it logs, waits and goes on."""

    async def once() -> float:
        told = await sync_google_once(teller)
        if told.is_locked:
            log.error("google_wallet.locked", reason="Google refuses the service account", for_s=LOCKED_S)
            return LOCKED_S
        return IDLE_S if told.looked + told.ended + told.failed < BATCH else 0

    await run_rounds(once, "google_wallet.", stop=stop, first_wait_s=IDLE_S, longest_wait_s=_LONGEST_WAIT_S)


async def _tell_endings(teller: GoogleWalletSync, told: SyncResult, limit: int) -> None:
    now = teller.clock()
    endings = await in_statement(
        teller.pool, lambda conn: lease_google_endings(conn, now, limit=limit, lease_s=LEASE_S)
    )
    await asyncio.gather(*(_tell_ending(teller, told, ending) for ending in endings))


async def _tell_ending(teller: GoogleWalletSync, told: SyncResult, ending: GoogleEnding) -> None:
    failure = await _attempt(told, partial(teller.wallet.end, describe_ending(teller.wallet.issuer, ending.pass_id)))
    async with connect(teller.pool) as conn:
        if failure is None:
            told.ended += 1
            await remove_google_ending(conn, ending)
        else:
            next_attempt_at = teller.clock() + _delay(failure, ending.failures + 1)
            await postpone_google_ending(conn, ending, next_attempt_at)


async def _tell_changes(teller: GoogleWalletSync, told: SyncResult, limit: int) -> None:
    now = teller.clock()
    claimed = await in_statement(teller.pool, lambda conn: lease_google_passes(conn, now, limit=limit, lease_s=LEASE_S))
    if not claimed:
        return
    async with connect(teller.pool) as conn:
        cards = await read_google_cards(conn, teller.keyring, claimed, teller.stores, now)
    await _tell_classes(teller, told, {each.program_id for each in claimed})
    looks = await asyncio.gather(*(_look(teller, told, each, cards) for each in claimed))
    told.looked += len(looks)

    async def record(conn: Connection) -> None:
        recorded = await record_polls(conn, looks)
        unrecorded = [look.claimed for look in looks if look.claimed.pass_id not in recorded]
        await _end_those_over(conn, unrecorded, teller.clock())

    await in_transaction(teller.pool, record)


async def _tell_classes(teller: GoogleWalletSync, told: SyncResult, program_ids: set[UUID]) -> None:
    async with connect(teller.pool) as conn:
        programs = await read_google_programs(conn, sorted(program_ids))
    for held, program in programs.values():
        await _attempt(told, partial(sync_class, teller.pool, teller.wallet, held, program))


async def _look(
    teller: GoogleWalletSync, told: SyncResult, claimed: GooglePass, cards: Mapping[UUID, GoogleCard]
) -> PollResult:
    now, card = teller.clock(), cards.get(claimed.pass_id)
    if card is None:  # over since it was claimed, and what is over is told by its ending
        return PollResult(claimed, claimed.synced_hash, now + LOOK_EVERY, 0)
    content = describe_object(teller.wallet.issuer, card)
    synced_hash = fingerprint(content)
    if synced_hash == claimed.synced_hash:
        return PollResult(claimed, synced_hash, now + LOOK_EVERY, 0)
    failure = await _attempt(told, partial(teller.wallet.change, "loyaltyObject", content))
    if failure is None:
        told.changed += 1
        return PollResult(claimed, synced_hash, now + LOOK_EVERY, 0)
    failures = claimed.failures + 1
    return PollResult(claimed, claimed.synced_hash, teller.clock() + _delay(failure, failures), failures)


async def _end_those_over(conn: Connection, unrecorded: Sequence[GooglePass], now: datetime) -> None:
    """Google may have taken such a change after the ending, which is told once more."""
    for each in unrecorded:
        held = await find_google_pass(conn, each.member_id)
        if held is None or held.pass_id != each.pass_id:
            await upsert_google_endings(conn, [each.pass_id], now)


async def _attempt(told: SyncResult, send: Callable[[], Awaitable[None]]) -> WalletFailure | None:
    """Nothing of what is sent, and nothing that Google says of it, is logged: an object holds its secret."""
    if told.is_locked:
        return WalletLocked()
    failure: WalletFailure
    try:
        await send()
        return None
    except (WalletLocked, WalletBusy, WalletRefused) as error:
        failure = error
    told.failed += 1
    if isinstance(failure, WalletLocked):
        told.is_locked = True
    elif isinstance(failure, WalletRefused):
        log.error("google_wallet.refused", status=failure.status)
    return failure


def _delay(failure: WalletFailure, failures: int) -> timedelta:
    return timedelta(seconds=delay_s(failure, failures, random.random()))  # noqa: S311 - jitter, not a secret
