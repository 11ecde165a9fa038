"""What a running application holds: pool, catalogue and one batcher for each flow; opened and closed as one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TypeVar

import msgspec

from cards.google_wallet import GoogleWallet
from channels.letters import ChannelKind
from channels.opening import open_channels
from kit.batching import Batcher
from kit.clock import utc_now
from kit.database import Connection, Pool, connect, in_transaction, open_pool
from kit.sealing import Keyring
from kit.throttle import Throttle
from programs.tills_repository import Till, authenticate_tills
from server.accounts.enrol import EnrolCommand, enrol
from server.campaigns.redeem import RedeemCommand, redeem
from server.check_ins.scan import ScanCommand, scan
from server.locations.locate import LocateCommand, Located, locate
from server.locations.waypoints import WaypointTeller
from server.maintenance import keep_house
from server.runtime.app_check import AppChecker
from server.runtime.apple_wallet import AppleWallet, open_apple_wallet
from server.runtime.google_wallet import open_google_wallet
from server.runtime.schema_guard import check_schema
from server.runtime.snapshot import CatalogueKeeper, keep_catalogue
from server.runtime.store_places import StorePlaces
from server.settings import Settings
from server.web.idempotency import Answer, Claiming, Write, write_once
from server.web.tokens import TillKey

K = TypeVar("K", bound=Claiming)


class Services(msgspec.Struct, frozen=True):
    settings: Settings
    pool: Pool
    keyring: Keyring
    keeper: CatalogueKeeper
    enrolling: Batcher[EnrolCommand, Answer]
    locating: Batcher[LocateCommand, Located]
    scanning: Batcher[ScanCommand, Answer]
    redeeming: Batcher[RedeemCommand, Answer]
    # A till's key is looked at before each scan: those that come together are looked up together.
    authenticating: Batcher[TillKey, Till | None]
    waypoints: WaypointTeller
    # Guesses at one account's password, and cards drawn from one address.
    login_throttle: Throttle
    enrol_throttle: Throttle
    # Codes asked for from one address; what one contact and one member may get is counted in the database.
    claim_throttle: Throttle
    # Exports: what one member may have made, and how many are made at once, each on a connection of its own.
    export_throttle: Throttle
    export_slots: asyncio.Semaphore
    channels: frozenset[ChannelKind]
    app_checker: AppChecker
    store_places: StorePlaces
    apple_wallet: AppleWallet | None
    google_wallet: GoogleWallet | None


@asynccontextmanager
async def open_services(settings: Settings, keeper: CatalogueKeeper | None = None) -> AsyncIterator[Services]:
    """`keeper`: one that somebody else keeps in this process. Without it, one is kept here.

    Raises OutdatedSchema where the database was migrated to another revision than this code's.
    """
    await check_schema(settings.database_url)
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database_url, min_size=4, max_size=settings.database_connections)
        stack.push_async_callback(pool.close)
        await keep_house(pool, utc_now(), settings.transition_days)
        if keeper is None:
            keeper = await stack.enter_async_context(keep_catalogue(settings.database_url))
        services = _assemble(settings, pool, keeper)
        if services.google_wallet is not None:
            stack.push_async_callback(services.google_wallet.close)
        batchers = (
            services.enrolling,
            services.locating,
            services.scanning,
            services.redeeming,
            services.authenticating,
        )
        for batcher in batchers:
            batcher.start()
        try:
            yield services
        finally:
            await asyncio.gather(*(batcher.close() for batcher in batchers))


def _assemble(settings: Settings, pool: Pool, keeper: CatalogueKeeper) -> Services:
    keyring = Keyring(settings.secret_key)

    async def run_enrol(conn: Connection, commands: Sequence[EnrolCommand]) -> Sequence[Answer | Exception]:
        return await enrol(conn, keyring, commands)

    async def run_scan(conn: Connection, commands: Sequence[ScanCommand]) -> Sequence[Answer | Exception]:
        return await scan(conn, keyring, keeper.current, commands)

    return Services(
        settings,
        pool,
        keyring,
        keeper,
        Batcher(partial(_write_batch, pool, keyring, run_enrol), key=_claim_key),
        Batcher(partial(locate, pool, keeper), key=lambda command: command.device_id),
        Batcher(partial(_write_batch, pool, keyring, run_scan), key=_claim_key),
        Batcher(partial(_write_batch, pool, keyring, redeem), key=_claim_key),
        Batcher(partial(_authenticate_batch, pool), key=id, linger_s=0),
        WaypointTeller(pool, keeper),
        Throttle(attempts=10, window_s=300),
        Throttle(attempts=600, window_s=60),
        Throttle(attempts=60, window_s=60),
        Throttle(attempts=10, window_s=3600),
        asyncio.Semaphore(2),
        frozenset(open_channels(settings.smtp_url, settings.smtp_sender, settings.message_sink)),
        AppChecker(settings.app_check_jwks),
        StorePlaces(),
        open_apple_wallet(settings, keyring),
        open_google_wallet(settings),
    )


async def _write_batch(
    pool: Pool, keyring: Keyring, write: Write[K], commands: Sequence[K]
) -> Sequence[Answer | Exception]:
    return await in_transaction(pool, lambda conn: write_once(conn, keyring, commands, write))


async def _authenticate_batch(pool: Pool, keys: Sequence[TillKey]) -> Sequence[Till | None]:
    async with connect(pool) as conn:
        return await authenticate_tills(conn, [(key.till_id, key.secret) for key in keys])


def _claim_key(command: Claiming) -> object:
    """The same Idempotency-Key twice at once: the second waits for the first and then gets its answer."""
    claim = command.claim
    return id(command) if claim is None else (claim.principal, claim.key)
