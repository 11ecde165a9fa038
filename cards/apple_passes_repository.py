"""Passes that phones' wallets are registered for, when each changed last, and which phones are still to be told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cards.apple_registration import DueRegistration, PassId, RegisteredPass
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "apple_passes.sql")

# A person's phone, watch, tablet and computers; whoever registers more pushes the oldest out.
MOST_REGISTRATIONS = 20
_MOST_LISTED = 1000
_SWEEP_LOCK = 0x6E6F72656E02


async def ensure_locked_pass(
    conn: Connection, pass_id: PassId, program_id: UUID, fingerprint: bytes, now: datetime
) -> None:
    """Locked until the commit, and made if there was none."""
    member_id, device_id = pass_id
    await conn.execute(
        *QUERIES.ensure_locked_pass(
            member_id=member_id, device_id=device_id, program_id=program_id, fingerprint=fingerprint, changed_at=now
        )
    )


async def find_pass(conn: Connection, pass_id: PassId) -> RegisteredPass | None:
    row = await conn.fetchrow(QUERIES.find_pass, *pass_id)
    return RegisteredPass(**row) if row else None


async def list_passes_after(conn: Connection, after: PassId, most: int) -> dict[PassId, bytes]:
    """The next passes by key, each with its fingerprint."""
    rows = await conn.fetch(QUERIES.list_passes_after, *after, most)
    return {(row["member_id"], row["device_id"]): row["fingerprint"] for row in rows}


async def begin_sweep(conn: Connection) -> datetime | None:
    """The time of what is found to have changed, until the commit; None where another worker is at it."""
    now: datetime | None = await conn.fetchval(QUERIES.begin_sweep, _SWEEP_LOCK)
    return now


async def move_passes(conn: Connection, changed: Sequence[tuple[PassId, bytes]], now: datetime) -> None:
    """They show something else (the new fingerprint) now, and each phone that holds one is to be told."""
    moved = await conn.fetch(
        QUERIES.move_passes,
        [pass_id[0] for pass_id, _ in changed],
        [pass_id[1] for pass_id, _ in changed],
        [fingerprint for _, fingerprint in changed],
        now,
    )
    await conn.execute(QUERIES.make_due, [row["member_id"] for row in moved], [row["device_id"] for row in moved], now)


async def list_changed_passes(
    conn: Connection, library_hash: bytes, since: datetime | None
) -> list[tuple[PassId, datetime]]:
    """The passes in a phone's library that changed after `since`, the last change last; all of them without."""
    rows = await conn.fetch(QUERIES.list_changed_passes, library_hash, since, _MOST_LISTED)
    return [((row["member_id"], row["device_id"]), row["changed_at"]) for row in rows]


async def register(
    conn: Connection, pass_id: PassId, library_hash: bytes, sealed_push_token: bytes, now: datetime
) -> bool:
    """Whether it is new; with the pass locked (`ensure_locked_pass`).

    It is due at once: the pass may have changed since the phone loaded it.
    """
    member_id, device_id = pass_id
    columns = {
        "member_id": member_id,
        "device_id": device_id,
        "library_hash": library_hash,
        "sealed_push_token": sealed_push_token,
        "now": now,
    }
    is_new = await conn.fetchval(*QUERIES.insert_registration(**columns)) is not None
    if not is_new:
        await conn.execute(*QUERIES.renew_registration(**columns))
    await conn.execute(QUERIES.remove_older_registrations, *pass_id, MOST_REGISTRATIONS)
    return is_new


async def unregister(conn: Connection, pass_id: PassId, library_hash: bytes) -> None:
    await conn.execute(QUERIES.lock_pass, *pass_id)
    await conn.execute(QUERIES.remove_registration, *pass_id, library_hash)
    await conn.execute(QUERIES.remove_unwatched_pass, *pass_id)


async def lease_due(conn: Connection, now: datetime, lease_until: datetime, most: int) -> list[DueRegistration]:
    rows = await conn.fetch(QUERIES.lease_due, now, lease_until, most)
    return [DueRegistration(**row) for row in rows]


async def settle_due(conn: Connection, settled: Sequence[tuple[DueRegistration, datetime | None]]) -> None:
    """When each is due again; None: it has been told."""
    await conn.execute(
        *QUERIES.settle_due(
            member_id=[claimed.member_id for claimed, _ in settled],
            device_id=[claimed.device_id for claimed, _ in settled],
            library_hash=[claimed.library_hash for claimed, _ in settled],
            leased_due_at=[claimed.due_at for claimed, _ in settled],
            next_due_at=[next_due_at for _, next_due_at in settled],
        )
    )


async def remove_gone(conn: Connection, gone: DueRegistration) -> None:
    """A phone that holds the pass no more, unless it has registered again meanwhile."""
    pass_id = (gone.member_id, gone.device_id)
    await conn.execute(QUERIES.lock_pass, *pass_id)
    await conn.execute(QUERIES.remove_claimed, *pass_id, gone.library_hash, gone.due_at)
    await conn.execute(QUERIES.remove_unwatched_pass, *pass_id)
