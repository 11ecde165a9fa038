"""The worker's part in Apple Wallet: finds the passes that have changed, and notifies the phones that hold them."""

import asyncio
from collections.abc import Sequence

import structlog

from kit.database import DatabaseUnavailable, Pool, describe_failure
from kit.rounds import pause
from push.apns import ApnsSender
from server.runtime.apple_wallet import AppleWallet
from server.runtime.store_places import StorePlaces
from server.settings import Settings
from server.wallets.notify_apple import notify_apple
from server.wallets.refresh_passes import FIRST, refresh_page

# After each page of passes and each round of pushes: the database has other work to do.
PAUSE_S = 0.25
# Between the starts of two sweeps, however few passes there are.
MIN_CYCLE_S = 10.0
_OUTAGE_PAUSE_S = 5.0

log = structlog.get_logger()


async def run_apple_wallet(pool: Pool, settings: Settings, wallet: AppleWallet, stop: asyncio.Event) -> None:
    """Until `stop` is set. No fault ends it: it logs, waits and goes on. Raises OSError at the start only."""
    assert settings.apple_pass_certificate is not None
    assert settings.apple_pass_key is not None
    sender = ApnsSender(
        settings.apple_pass_certificate, settings.apple_pass_key, wallet.pass_type, endpoint=settings.apns_endpoint
    )
    try:
        await _run(pool, wallet, sender, stop)
    finally:
        await sender.close()


async def _run(pool: Pool, wallet: AppleWallet, sender: ApnsSender, stop: asyncio.Event) -> None:
    stores, after, failing = StorePlaces(), FIRST, ""
    clock = asyncio.get_running_loop().time
    began_at = clock() - MIN_CYCLE_S
    while not stop.is_set():
        faults: list[Exception] = []
        try:
            if after != FIRST or clock() >= began_at + MIN_CYCLE_S:
                began_at = clock() if after == FIRST else began_at
                after = await refresh_page(pool, stores, after) or FIRST
        except Exception as error:
            faults.append(error)
        try:  # of the changes found before, also where the sweep fails
            await notify_apple(pool, wallet.keyring, sender)
        except Exception as error:
            faults.append(error)
        failing = _log_faults(faults, failing)
        await pause(stop, _OUTAGE_PAUSE_S if failing else PAUSE_S)


def _log_faults(faults: Sequence[Exception], failing: str) -> str:
    """Returns what is failing now. An outage lasts many rounds and is worth one line."""
    now_failing = " ".join(type(error).__name__ for error in faults)
    if now_failing != failing:
        for error in faults:
            details = {} if isinstance(error, DatabaseUnavailable) else describe_failure(error)
            log.warning("apple_wallet.failing", error=type(error).__name__, **details)
    return now_failing
