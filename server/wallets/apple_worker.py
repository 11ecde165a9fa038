"""The worker's part in Apple Wallet: finds the passes that have changed, and notifies the phones that hold them."""

import asyncio

from kit.database import Pool
from kit.rounds import run_rounds
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
    sweep = _Sweep(pool)

    async def notify() -> float:  # of the changes found before, also where the sweep fails
        await notify_apple(pool, wallet.keyring, sender)
        return PAUSE_S

    tasks = {"apple_wallet.sweep_": sweep.run, "apple_wallet.push_": notify}
    await run_rounds(tasks, stop=stop, first_wait_s=_OUTAGE_PAUSE_S, longest_wait_s=_OUTAGE_PAUSE_S)


class _Sweep:
    """Goes through all passes, a page in each round; it begins again `MIN_CYCLE_S` after it began, or later."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._stores = StorePlaces()
        self._after = FIRST
        self._clock = asyncio.get_running_loop().time
        self._began_at = self._clock() - MIN_CYCLE_S

    async def run(self) -> float:
        if self._after == FIRST:
            if self._clock() < self._began_at + MIN_CYCLE_S:
                return PAUSE_S
            self._began_at = self._clock()
        self._after = await refresh_page(self._pool, self._stores, self._after) or FIRST
        return PAUSE_S
