"""Members who came by a file: what it said of them, the contacts that nobody has confirmed, and who claims them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from ids import ImportRunId, MemberId, ProgramId
from kit.copying import copy_rows
from kit.database import Connection
from kit.spread import fetch_by_shard
from kit.sql import load_queries

QUERIES = load_queries(__file__, "imports.sql")


class ImportedMember(msgspec.Struct, frozen=True, kw_only=True):
    """`profile` is JSON: the attributes that files said of them, as profiles keep them, and their `tags`. `visits`,
    `first_visit_on` and `last_visit_on` are of the time before Noren."""

    member_id: MemberId
    line: int
    row_hash: bytes
    profile: bytes
    visits: int | None
    first_visit_on: date | None
    last_visit_on: date | None


class MetMember(msgspec.Struct, frozen=True, kw_only=True):
    """One who came by a file before: in which run and line a file had them last, and the hash of that row."""

    member_id: MemberId
    run_id: ImportRunId
    line: int
    row_hash: bytes


class KnownMember(MetMember, frozen=True, kw_only=True):
    """The same, locked. `claimed_at` None: they wait for their phone."""

    profile: str
    claimed_at: datetime | None


class WaitingContact(msgspec.Struct, frozen=True):
    """A phone number or e-mail address that stands in a file, sealed and hashed like one that is confirmed."""

    member_id: MemberId
    kind: Literal["phone", "email"]
    value_hash: bytes
    sealed_value: bytes


async def lock_imported(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, KnownMember]:
    """Of those who came by a file, until the commit."""
    return {
        row["member_id"]: KnownMember(**{name: row[name] for name in KnownMember.__struct_fields__})
        for row in await fetch_by_shard(conn, QUERIES.lock_imported, member_ids)
    }


async def find_imported(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, MetMember]:
    """Those of them who came by a file."""
    return {row["member_id"]: MetMember(**row) for row in await conn.fetch(QUERIES.find_imported, member_ids)}


async def add_imported(
    conn: Connection, program_id: ProgramId, run_id: ImportRunId, members: Sequence[ImportedMember], now: datetime
) -> None:
    """Of members who are new."""
    rows = [
        (
            member.member_id,
            program_id,
            run_id,
            member.line,
            member.row_hash,
            member.profile.decode(),
            member.visits,
            member.first_visit_on,
            member.last_visit_on,
            now,
        )
        for member in members
    ]
    columns = (
        *("member_id", "program_id", "run_id", "line", "row_hash", "profile"),
        *("visits", "first_visit_on", "last_visit_on", "imported_at"),
    )
    await copy_rows(conn, "imported_members", columns, rows)


async def add_contacts(conn: Connection, program_id: ProgramId, contacts: Sequence[WaitingContact]) -> None:
    """Of members who are new, one a member and kind."""
    rows = [(each.member_id, each.kind, program_id, each.value_hash, each.sealed_value) for each in contacts]
    columns = ("member_id", "kind", "program_id", "value_hash", "sealed_value")
    await copy_rows(conn, "imported_contacts", columns, rows)


async def upsert_imported(
    conn: Connection, program_id: ProgramId, run_id: ImportRunId, members: Sequence[ImportedMember], now: datetime
) -> None:
    await conn.execute(*QUERIES.upsert_imported(**_columns(members), program_id=program_id, run_id=run_id, now=now))


async def mark_seen(conn: Connection, run_id: ImportRunId, lines: Mapping[MemberId, int]) -> None:
    """Of members whose rows are what they were."""
    await conn.execute(QUERIES.mark_seen, run_id, list(lines), list(lines.values()))


async def upsert_contacts(conn: Connection, program_id: ProgramId, contacts: Sequence[WaitingContact]) -> None:
    """One a member and kind."""
    await conn.execute(
        *QUERIES.upsert_contacts(
            program_id=program_id,
            member_id=[contact.member_id for contact in contacts],
            kind=[contact.kind for contact in contacts],
            value_hash=[contact.value_hash for contact in contacts],
            sealed_value=[contact.sealed_value for contact in contacts],
        )
    )


async def find_sharing(
    conn: Connection,
    program_id: ProgramId,
    run_id: ImportRunId,
    contacts: Sequence[WaitingContact],
    lines: Mapping[MemberId, int],
) -> dict[tuple[MemberId, str], int | None]:
    """Of these contacts, by (member_id, kind), those that somebody has too who stands in an earlier line of this file:
    in which one; or None where they came by another file. `lines`: those of the contacts' members.
    """
    rows = await conn.fetch(
        *QUERIES.find_sharing(
            program_id=program_id,
            run_id=run_id,
            member_id=[contact.member_id for contact in contacts],
            line=[lines[contact.member_id] for contact in contacts],
            kind=[contact.kind for contact in contacts],
            value_hash=[contact.value_hash for contact in contacts],
        )
    )
    return {(row["member_id"], row["kind"]): row["line"] for row in rows}


async def find_holders_of(
    conn: Connection, program_id: ProgramId, contacts: Sequence[tuple[str, bytes]]
) -> dict[tuple[str, bytes], set[MemberId]]:
    """Who has one of these contacts, (kind, hash) each, by a file."""
    rows = await conn.fetch(
        QUERIES.find_shared_hashes,
        program_id,
        [kind for kind, _ in contacts],
        [value_hash for _, value_hash in contacts],
    )
    holders: dict[tuple[str, bytes], set[MemberId]] = {}
    for row in rows:
        holders.setdefault((row["kind"], row["value_hash"]), set()).add(row["member_id"])
    return holders


async def find_waiting(conn: Connection, program_id: ProgramId, kind: str, value_hash: bytes) -> list[MemberId]:
    """Who waits with this contact: nobody, one member, or two of several."""
    return [row["member_id"] for row in await conn.fetch(QUERIES.find_waiting, program_id, kind, value_hash)]


async def has_contact(conn: Connection, member_id: MemberId, contacts: Sequence[tuple[str, bytes]]) -> bool:
    """Whether the file gave the member one of these, (kind, hash) each."""
    return bool(
        await conn.fetchval(
            QUERIES.has_contact, member_id, [kind for kind, _ in contacts], [each for _, each in contacts]
        )
    )


async def take_claim(conn: Connection, member_id: MemberId, now: datetime) -> bool:
    """False where somebody else was faster, or the member came by no file. Locks the row until the commit."""
    return await conn.fetchval(QUERIES.take_claim, member_id, now) is not None


async def delete_contacts(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    await conn.execute(QUERIES.delete_contacts, member_ids)


async def move_imported(conn: Connection, from_member: MemberId, to_member: MemberId) -> None:
    """To the one whom a member became, where their numbers lead now. Before their members are locked.

    Where both came by a file, each keeps their own: the history of both is read.
    """
    if await conn.fetchval(QUERIES.copy_imported, from_member, to_member) is not None:
        await conn.execute(QUERIES.delete_imported, [from_member])


async def delete_imported(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """Before their members are locked: who claims one, and a file that updates them, locks these first."""
    await conn.execute(QUERIES.delete_contacts, member_ids)
    await conn.execute(QUERIES.delete_imported, member_ids)


def _columns(members: Sequence[ImportedMember]) -> dict[str, Any]:
    return {
        "member_id": [member.member_id for member in members],
        "line": [member.line for member in members],
        "row_hash": [member.row_hash for member in members],
        "profile": [member.profile.decode() for member in members],
        "visits": [member.visits for member in members],
        "first_visit_on": [member.first_visit_on for member in members],
        "last_visit_on": [member.last_visit_on for member in members],
    }
