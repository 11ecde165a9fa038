"""Passes for which phones' wallets are registered, when each changed last, and which phones are to be notified."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from cards.apple_registration import DueRegistration, PassId, RegisteredPass
from ids import ProgramId
from kit.database import Connection
from kit.leases import LOOKED_AT
from kit.spread import split_by_shard
from kit.sql import load_queries

QUERIES = load_queries(__file__, "apple_passes.sql")

# A person's phone, watch, tablet and computers. A registration above that replaces the oldest.
MAX_REGISTRATIONS = 20
_MAX_LISTED = 1000
_SWEEP_LOCK = 0x6E6F72656E02


async def ensure_locked_pass(
    conn: Connection, pass_id: PassId, program_id: ProgramId, fingerprint: bytes, now: datetime
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


async def note_handed_out(conn: Connection, pass_id: PassId, fingerprint: bytes) -> None:
    """What a phone was given just now: where no sweep has found it yet, the next one makes a change of it."""
    await conn.execute(QUERIES.note_handed_out, *pass_id, fingerprint)


async def list_passes_after(conn: Connection, after: PassId, limit: int) -> dict[PassId, bytes | None]:
    """The next passes by key, each with its fingerprint; None: a phone has a version that no sweep has found."""
    rows = await conn.fetch(QUERIES.list_passes_after, *after, limit)
    return {(row["member_id"], row["device_id"]): row["fingerprint"] for row in rows}


async def begin_sweep(conn: Connection) -> datetime | None:
    """The time of what is found to have changed, until the commit; None where another worker is sweeping."""
    now: datetime | None = await conn.fetchval(QUERIES.begin_sweep, _SWEEP_LOCK)
    return now


async def mark_passes_changed(conn: Connection, changed: Sequence[tuple[PassId, bytes]], now: datetime) -> None:
    """They show something else now (the new fingerprint): each phone that holds one is to be notified."""
    marked = await conn.fetch(
        QUERIES.mark_passes_changed,
        [pass_id[0] for pass_id, _ in changed],
        [pass_id[1] for pass_id, _ in changed],
        [fingerprint for _, fingerprint in changed],
        now,
    )
    await conn.execute(
        QUERIES.make_registrations_due, [row["member_id"] for row in marked], [row["device_id"] for row in marked], now
    )


async def list_changed_passes(
    conn: Connection, device_library_hash: bytes, since: datetime | None
) -> list[tuple[PassId, datetime]]:
    """The passes on a phone that changed after `since`, in the order of the changes; without `since` all of them."""
    rows = await conn.fetch(QUERIES.list_changed_passes, device_library_hash, since, _MAX_LISTED)
    return [((row["member_id"], row["device_id"]), row["changed_at"]) for row in rows]


async def register(
    conn: Connection, pass_id: PassId, device_library_hash: bytes, sealed_push_token: bytes, now: datetime
) -> bool:
    """Whether it is new; with the pass locked (`ensure_locked_pass`).

    It is due at once: the pass may have changed since the phone loaded it.
    """
    member_id, device_id = pass_id
    columns = {
        "member_id": member_id,
        "device_id": device_id,
        "device_library_hash": device_library_hash,
        "sealed_push_token": sealed_push_token,
        "now": now,
    }
    is_new = await conn.fetchval(*QUERIES.insert_registration(**columns)) is not None
    if not is_new:
        await conn.execute(*QUERIES.renew_registration(**columns))
    await conn.execute(QUERIES.delete_oldest_registrations, *pass_id, MAX_REGISTRATIONS)
    return is_new


async def unregister(conn: Connection, pass_id: PassId, device_library_hash: bytes) -> None:
    await conn.execute(QUERIES.lock_pass, *pass_id)
    await conn.execute(QUERIES.delete_registration, *pass_id, device_library_hash)
    await conn.execute(QUERIES.delete_unregistered_pass, *pass_id)


async def lease_registrations(
    conn: Connection, now: datetime, lease_until: datetime, limit: int
) -> list[DueRegistration]:
    """Some of those that are due longest. More are looked at: another worker may be at the first of them."""
    leased: list[DueRegistration] = []
    found = await conn.fetch(QUERIES.find_due_registrations, now, limit * LOOKED_AT)
    for part in split_by_shard(conn, found, itemgetter(0)):
        member_ids, device_ids, library_hashes = zip(*part, strict=True)
        rows = await conn.fetch(
            *QUERIES.lease_registrations(
                member_id=member_ids,
                device_id=device_ids,
                device_library_hash=library_hashes,
                now=now,
                lease_until=lease_until,
                most=limit - len(leased),
            )
        )
        leased += [DueRegistration(**row) for row in rows]
    return leased


async def settle_registrations(conn: Connection, settled: Sequence[tuple[DueRegistration, datetime | None]]) -> None:
    """Record when each is due again; None: it was notified."""
    await conn.execute(
        *QUERIES.settle_registrations(
            member_id=[leased.member_id for leased, _ in settled],
            device_id=[leased.device_id for leased, _ in settled],
            device_library_hash=[leased.device_library_hash for leased, _ in settled],
            leased_due_at=[leased.due_at for leased, _ in settled],
            next_due_at=[next_due_at for _, next_due_at in settled],
        )
    )


async def delete_gone_registration(conn: Connection, gone: DueRegistration) -> None:
    """Of a phone that no longer holds the pass, unless it has registered again meanwhile."""
    pass_id = (gone.member_id, gone.device_id)
    await conn.execute(QUERIES.lock_pass, *pass_id)
    await conn.execute(QUERIES.delete_leased_registration, *pass_id, gone.device_library_hash, gone.due_at)
    await conn.execute(QUERIES.delete_unregistered_pass, *pass_id)
