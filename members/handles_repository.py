"""Handles: values that are unique in a program and lead to a member (card number, push token, phone number, e-mail).

Only a keyed hash of the value is looked up: a card number or a phone number could be guessed from a plain hash. The
value of a contact (phone number, e-mail address) is kept sealed beside the hash, because messages are sent to it.
"""

from collections.abc import Sequence
from datetime import datetime

from ids import DeviceId, MemberId, ProgramId
from kit.database import Connection
from members.contacts import Contact, ContactKind, HeldContact
from members.handles import HandleKind
from members.members_repository import QUERIES


async def reserve_card_numbers(conn: Connection, wanted: Sequence[tuple[ProgramId, bytes, MemberId]]) -> set[MemberId]:
    """Reserve (program_id, value_hash, member_id) each; return the members whose number was free."""
    programs, hashes, members = zip(*wanted, strict=True)
    rows = await conn.fetch(QUERIES.reserve_handles, programs, "card_number", hashes, members)
    return {row["member_id"] for row in rows}


async def find_by_card_numbers(
    conn: Connection, keys: Sequence[tuple[ProgramId, bytes]]
) -> dict[tuple[ProgramId, bytes], MemberId]:
    """The members of (program_id, value_hash) pairs; a value that no member has is absent."""
    rows = await conn.fetch(
        QUERIES.find_members_by_handles, "card_number", [key[0] for key in keys], [key[1] for key in keys]
    )
    return {(row["program_id"], row["value_hash"]): row["member_id"] for row in rows}


async def reserve_numbers(
    conn: Connection, program_id: ProgramId, wanted: Sequence[tuple[HandleKind, bytes, MemberId]]
) -> set[tuple[HandleKind, bytes]]:
    """(kind, hash, member_id) each, of numbers that somebody brought along. Returns those that were not free."""
    kinds, hashes, members = zip(*wanted, strict=True)
    rows = await conn.fetch(QUERIES.reserve_numbers, program_id, kinds, hashes, members)
    return {(kind, value_hash) for kind, value_hash, _ in wanted} - {(row["kind"], row["value_hash"]) for row in rows}


async def find_holders(
    conn: Connection, program_id: ProgramId, handles: Sequence[tuple[HandleKind, bytes]]
) -> dict[tuple[HandleKind, bytes], MemberId]:
    """The members of (kind, hash) pairs; one that leads to nobody is absent."""
    rows = await conn.fetch(
        QUERIES.find_holders, program_id, [kind for kind, _ in handles], [value_hash for _, value_hash in handles]
    )
    return {(row["kind"], row["value_hash"]): row["member_id"] for row in rows}


async def find_holder(conn: Connection, program_id: ProgramId, kind: HandleKind, value_hash: bytes) -> MemberId | None:
    member_id: MemberId | None = await conn.fetchval(QUERIES.find_holder, program_id, kind, value_hash)
    return member_id


async def move_push_token(
    conn: Connection, program_id: ProgramId, value_hash: bytes, member_id: MemberId, device_id: DeviceId
) -> tuple[MemberId, DeviceId] | None:
    """Give the push token to this device. Returns the (member_id, device_id) that had it before, if another did."""
    handle = {
        "program_id": program_id,
        "kind": "push_token",
        "value_hash": value_hash,
        "member_id": member_id,
        "device_id": device_id,
    }
    if await conn.fetchval(*QUERIES.reserve_handle(**handle)) is not None:
        return None
    holder = await conn.fetchrow(QUERIES.find_handle, program_id, "push_token", value_hash)
    if holder is None or (holder["member_id"], holder["device_id"]) == (member_id, device_id):
        return None
    await conn.execute(*QUERIES.move_handle(**handle))
    return holder["member_id"], holder["device_id"]


async def reserve_contact(
    conn: Connection, program_id: ProgramId, member_id: MemberId, contact: Contact, stands_at: datetime
) -> tuple[MemberId, bool]:
    """The member to whom the contact belongs, and whether nobody had it before: then it is this one.

    Its row stays locked until the commit.
    """
    while True:
        reserved = await conn.fetchval(
            *QUERIES.reserve_contact(
                program_id=program_id,
                kind=contact.kind,
                value_hash=contact.value_hash,
                member_id=member_id,
                sealed_value=contact.sealed_value,
                stands_at=stands_at,
            )
        )
        if reserved is not None:
            return member_id, True
        holder = await conn.fetchrow(QUERIES.find_handle, program_id, contact.kind, contact.value_hash)
        if holder is not None:
            held_by: MemberId = holder["member_id"]
            return held_by, False


async def lock_contact(
    conn: Connection, program_id: ProgramId, kind: ContactKind, value_hash: bytes
) -> MemberId | None:
    """The member to whom the contact leads, until the commit."""
    holder = await conn.fetchrow(QUERIES.find_handle, program_id, kind, value_hash)
    return None if holder is None else holder["member_id"]


async def move_contact(
    conn: Connection,
    program_id: ProgramId,
    kind: ContactKind,
    value_hash: bytes,
    member_id: MemberId,
    stands_at: datetime,
) -> None:
    await conn.execute(
        *QUERIES.move_contact(
            program_id=program_id, kind=kind, value_hash=value_hash, member_id=member_id, stands_at=stands_at
        )
    )


async def set_standing(
    conn: Connection, program_id: ProgramId, kind: ContactKind, value_hash: bytes, stands_at: datetime
) -> None:
    await conn.execute(QUERIES.set_standing, program_id, kind, value_hash, stands_at)


async def release_contact(conn: Connection, program_id: ProgramId, kind: ContactKind, value_hash: bytes) -> None:
    await conn.execute(QUERIES.release_contact, program_id, kind, value_hash)


async def list_contacts(conn: Connection, member_id: MemberId) -> list[HeldContact]:
    return [HeldContact(**row) for row in await conn.fetch(QUERIES.list_contacts, member_id)]


async def release_other_contacts(conn: Connection, member_id: MemberId, kind: ContactKind, value_hash: bytes) -> None:
    """A member has one phone number and one e-mail address: the new one takes the place of the old."""
    await conn.execute(QUERIES.release_other_contacts, member_id, kind, value_hash)


async def release_contacts(conn: Connection, member_id: MemberId) -> None:
    """Delete contacts and push tokens. The card number stays reserved: nobody else ever gets it."""
    await conn.execute(QUERIES.release_contacts, member_id)


async def move_handles(
    conn: Connection,
    member_id: MemberId,
    device_id: DeviceId,
    to_member: MemberId,
    to_device: DeviceId,
    stands_at: datetime,
) -> None:
    """Move all handles to another member, with the push token of `device_id`; of a kind of contact theirs stays.

    A contact that moves is new to the other member: it proves them from `stands_at` on.
    """
    await conn.execute(QUERIES.move_push_token_of_device, member_id, device_id, to_member, to_device)
    await move_contacts(conn, member_id, to_member, stands_at)


async def move_contacts(conn: Connection, member_id: MemberId, to_member: MemberId, stands_at: datetime) -> None:
    """As `move_handles`; no phone of theirs is told anything any more."""
    kept = [contact.kind for contact in await list_contacts(conn, to_member)]
    await conn.execute(QUERIES.move_handles, member_id, to_member, kept, stands_at)
    await conn.execute(QUERIES.release_contacts, member_id)
