"""A batch of rows and the run's progress, in one transaction: a process that is killed leaves both, or neither."""

from collections.abc import Mapping, Sequence

import msgspec

from audiences.facts_repository import recount_facts
from cards.numbers import new_number
from ids import MemberId
from imports import imports_repository, runs_repository
from imports.imported_row import ReadRow
from imports.imports_repository import WaitingContact
from imports.run import Fault, RunCounts
from kit.database import Connection
from kit.sealing import Keyring
from members import handles_repository
from members.handles import hash_handle
from server.moving_in.create_members import DrawnNumber, create_members, waiting_contacts
from server.moving_in.judge_rows import Handle, Judged, Whereabouts, judge_rows, lines_of_run
from server.moving_in.prepare import PreparedRow
from server.moving_in.setting import Setting
from server.moving_in.turns import Turn
from server.moving_in.update_members import update_members

_CONTACT_NAMES = {"phone": "telephone number", "email": "e-mail address"}


_SPARE_NUMBERS = 10


class RunTaken(Exception):
    """Another process is at this run, or it was stopped. Nothing of the batch was written."""


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """`first`: how many rows were read before. `remarks`: of rows that are good, what was left out of them."""

    first: int
    rows: list[PreparedRow | ReadRow]
    remarks: list[Fault]

    @property
    def handles(self) -> list[Handle]:
        return [handle for row in self.rows if isinstance(row, PreparedRow) for handle in row.handles]


async def write_ahead(conn: Connection, keyring: Keyring, setting: Setting, batch: Batch, turn: Turn) -> bool:
    """A batch of members who are all new, beside the batch before it. False where somebody has one of its numbers:
    nothing is written. Raises RunTaken, HandleTaken, BeganAgain.
    """
    turn.begin()
    holders, numbers = await _look_up(conn, keyring, setting, batch)
    if holders:
        return False
    judged = judge_rows(batch.rows, Whereabouts(holders={}, lines={}))
    written = await create_members(conn, setting, judged.new, numbers, turn)
    # Whoever shares a contact with them may stand in the batch before.
    await turn.come(is_ahead=True)
    await _advance(conn, setting, batch)
    shared = await _find_shared(conn, setting, written)
    await _count(conn, setting, judged, RunCounts(), [*judged.faults, *batch.remarks, *shared])
    return True


async def write_batch(conn: Connection, keyring: Keyring, setting: Setting, batch: Batch) -> None:
    """In its turn. Raises RunTaken, HandleTaken."""
    await _advance(conn, setting, batch)
    holders, numbers = await _look_up(conn, keyring, setting, batch)
    known = await imports_repository.find_imported(conn, sorted(set(holders.values()))) if holders else {}
    met = {member_id: (each.run_id, each.line) for member_id, each in known.items()}
    judged = judge_rows(batch.rows, Whereabouts(holders=holders, lines=lines_of_run(setting.run_id, met, holders)))
    counts, faults = RunCounts(), [*judged.faults, *batch.remarks]
    written = await create_members(conn, setting, judged.new, numbers, Turn())
    changed: Mapping[MemberId, PreparedRow] = {}
    if judged.known:
        changed, told = await update_members(conn, setting, judged.known, counts)
        written |= changed
        faults += told
    faults += await _find_shared(conn, setting, written)
    await _count(conn, setting, judged, counts, faults)
    await recount_facts(conn, changed)


async def _count(
    conn: Connection, setting: Setting, judged: Judged, counts: RunCounts, faults: Sequence[Fault]
) -> None:
    """`counts`: of the members who were here."""
    counts.created = len(judged.new)
    counts.refused = len(judged.faults)
    counts.remarks = sum(not fault.is_refused for fault in faults)
    await runs_repository.count_rows(conn, setting.run_id, counts, faults)


async def _look_up(
    conn: Connection, keyring: Keyring, setting: Setting, batch: Batch
) -> tuple[dict[Handle, MemberId], list[DrawnNumber]]:
    """Who has the batch's numbers, and as many numbers of ours as it may need, which nobody has."""
    drawn = _draw_numbers(keyring, len(batch.rows))
    holders = await handles_repository.find_holders(
        conn, setting.program_id, [*batch.handles, *(("card_number", value_hash) for _, value_hash in drawn)]
    )
    return holders, [number for number in drawn if holders.pop(("card_number", number[1]), None) is None]


def _draw_numbers(keyring: Keyring, rows: int) -> list[DrawnNumber]:
    """More than a batch's rows: one in ten thousand is somebody's already where a program has a million members."""
    drawn = dict.fromkeys(new_number() for _ in range(rows + _SPARE_NUMBERS))
    return [(number, hash_handle(keyring, "card_number", number)) for number in drawn]


async def judge_batch(conn: Connection, setting: Setting, batch: Batch) -> None:
    """What `write_batch` would make of it; of the members nothing is written. Raises RunTaken."""
    await _advance(conn, setting, batch)
    holders = await handles_repository.find_holders(conn, setting.program_id, batch.handles)
    met = await runs_repository.find_sightings(conn, setting.run_id, [value_hash for _, value_hash in batch.handles])
    lines = {handle: met[handle[1]] for handle in batch.handles if handle[1] in met}
    judged = judge_rows(batch.rows, Whereabouts(holders=holders, lines=lines))
    known = await imports_repository.find_imported(conn, [member_id for member_id, _ in judged.known])
    unchanged = sum(m in known and known[m].row_hash == row.row_hash for m, row in judged.known)
    faults = [*judged.faults, *batch.remarks, *await _find_shared_to_be(conn, setting, judged)]
    rows = [*judged.new, *(row for _, row in judged.known)]
    seen = {value_hash: row.line for row in reversed(rows) for value_hash in _hashes_of(row)}
    await runs_repository.note_sightings(conn, setting.run_id, seen)
    counts = RunCounts(
        created=len(judged.new),
        updated=len(judged.known) - unchanged,
        unchanged=unchanged,
        refused=len(judged.faults),
        remarks=sum(not fault.is_refused for fault in faults),
    )
    await runs_repository.count_rows(conn, setting.run_id, counts, faults)


async def _advance(conn: Connection, setting: Setting, batch: Batch) -> None:
    if not await runs_repository.advance_run(conn, setting.run_id, batch.first, batch.first + len(batch.rows)):
        raise RunTaken


async def _find_shared(conn: Connection, setting: Setting, written: Mapping[MemberId, PreparedRow]) -> list[Fault]:
    contacts = waiting_contacts(written)
    if not contacts:
        return []
    lines = {member_id: row.line for member_id, row in written.items()}
    others = await imports_repository.find_sharing(conn, setting.program_id, setting.run_id, contacts, lines)
    confirmed = await _find_confirmed(conn, setting, contacts)
    faults = []
    for each in contacts:
        line = lines[each.member_id]
        if (each.member_id, each.kind) in others:
            faults.append(_shared(line, each.kind, others[each.member_id, each.kind]))
        elif confirmed.get(each.value_hash, each.member_id) != each.member_id:
            faults.append(_in_use(line, each.kind))
    return faults


async def _find_confirmed(
    conn: Connection, setting: Setting, contacts: Sequence[WaitingContact]
) -> dict[bytes, MemberId]:
    handles = [(each.kind, each.value_hash) for each in contacts]
    found = await handles_repository.find_holders(conn, setting.program_id, handles)
    return {value_hash: member_id for (_, value_hash), member_id in found.items()}


async def _find_shared_to_be(conn: Connection, setting: Setting, judged: Judged) -> list[Fault]:
    rows = sorted([(None, row) for row in judged.new] + list(judged.known), key=lambda each: each[1].line)
    hashes = [contact.value_hash for _, row in rows for contact in row.contacts]
    if not hashes:
        return []
    lines = await runs_repository.find_sightings(conn, setting.run_id, hashes)
    asked = [(contact.kind, contact.value_hash) for _, row in rows for contact in row.contacts]
    holders = await imports_repository.find_holders_of(conn, setting.program_id, asked)
    confirmed = await handles_repository.find_holders(conn, setting.program_id, asked)
    faults = []
    for member_id, row in rows:
        for contact in row.contacts:
            key = (contact.kind, contact.value_hash)
            if lines.setdefault(contact.value_hash, row.line) != row.line:
                faults.append(_shared(row.line, contact.kind, lines[contact.value_hash]))
            elif holders.get(key, set()) - {member_id}:
                faults.append(_shared(row.line, contact.kind, None))
            elif key in confirmed and confirmed[key] != member_id:
                faults.append(_in_use(row.line, contact.kind))
    return faults


def _hashes_of(row: PreparedRow) -> list[bytes]:
    return [value_hash for _, value_hash in row.handles] + [contact.value_hash for contact in row.contacts]


def _shared(line: int, kind: str, other: int | None) -> Fault:
    where = "another member from a file has" if other is None else f"the member of line {other} has"
    return Fault(
        line,
        False,
        f"The {_CONTACT_NAMES[kind]} is one that {where} too; they were not merged. Who claims one of them types the"
        " number of the card.",
    )


def _in_use(line: int, kind: str) -> Fault:
    return Fault(
        line,
        False,
        f"The {_CONTACT_NAMES[kind]} is that of a member of the app already; they were not merged. That member claims"
        " this card by its number.",
    )
