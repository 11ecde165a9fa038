"""`refresh_passes`: which of the passes that phones hold show something else than they did, and who is to be told.

Nothing that happens to a member waits for this and nothing writes for it: what each registered pass shows is read
again, page by page, and compared by its fingerprint. One worker at a time does it, by the database's clock, so that the
times of changes come in the order of their commits, and a phone that has asked up to one misses none before it.
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
    """The next page of passes. Where to go on; None at the end, and where another worker is at it."""

    async def work(conn: Connection) -> PassId | None:
        now = await apple_passes_repository.begin_sweep(conn)
        return None if now is None else await _refresh(conn, stores, after, now)

    return await in_transaction(pool, work)


async def _refresh(conn: Connection, stores: StorePlaces, after: PassId, now: datetime) -> PassId | None:
    held = await apple_passes_repository.list_passes_after(conn, after, PAGE)
    found = await read_passes(conn, stores, list(held), now) if held else {}
    changed = [(pass_id, found[pass_id].fingerprint) for pass_id in held if found[pass_id].fingerprint != held[pass_id]]
    if changed:
        await apple_passes_repository.mark_passes_changed(conn, changed, now)
    return max(held) if len(held) == PAGE else None
