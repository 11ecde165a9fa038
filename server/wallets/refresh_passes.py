"""`refresh_passes`: find the registered passes that show something else than before, and mark them as changed.

No other flow waits for this or writes anything for it: what each registered pass shows is read again, page by page, and
its fingerprint compared. What a phone was given between two sweeps is a change too, even where all is as before by now.
One worker at a time does it, by the database's clock, so that the times of changes are in the
order of their commits: a phone that has asked for all changes up to one of them has missed none before it.
"""

from datetime import datetime
from uuid import UUID

from cards import apple_passes_repository
from cards.apple_registration import PassId
from ids import DeviceId, MemberId
from kit.database import Connection, Pool, in_transaction
from server.runtime.store_places import StorePlaces
from server.wallets.read_passes import read_passes

PAGE = 500
FIRST: PassId = (MemberId(UUID(int=0)), DeviceId(UUID(int=0)))


async def refresh_page(pool: Pool, stores: StorePlaces, after: PassId) -> PassId | None:
    """The next page of passes. Where to go on; None at the end, and where another worker is sweeping."""

    async def work(conn: Connection) -> PassId | None:
        now = await apple_passes_repository.begin_sweep(conn)
        return None if now is None else await _refresh(conn, stores, after, now)

    return await in_transaction(pool, work)


async def _refresh(conn: Connection, stores: StorePlaces, after: PassId, now: datetime) -> PassId | None:
    registered = await apple_passes_repository.list_passes_after(conn, after, PAGE)
    found = await read_passes(conn, stores, list(registered), now) if registered else {}
    changed = [
        (pass_id, found[pass_id].fingerprint)
        for pass_id, fingerprint in registered.items()
        if found[pass_id].fingerprint != fingerprint
    ]
    if changed:
        await apple_passes_repository.mark_passes_changed(conn, changed, now)
    return max(registered) if len(registered) == PAGE else None
