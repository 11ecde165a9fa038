"""What a row says, made ready to be written: numbers and contacts are hashed and sealed, as everywhere."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ids import ProgramId
from imports.imported_row import ImportedRow, ReadRow
from kit.sealing import Keyring
from members.contacts import Contact, ContactKind, seal_contact
from members.handles import HandleKind, hash_handle

_ROW_HASH_BYTES = 16


class PreparedRow(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """`handles` lead to the member, the member number first. `row_hash` is of all that the row says."""

    line: int
    row: ImportedRow
    row_hash: bytes
    handles: Sequence[tuple[HandleKind, bytes]]
    contacts: Sequence[Contact]


def prepare(keyring: Keyring, program_id: ProgramId, rows: Iterable[ReadRow]) -> Iterator[PreparedRow | ReadRow]:
    """A refused row stays as it is."""
    for each in rows:
        yield each if each.row is None else _prepare(keyring, program_id, each.line, each.row)


def _prepare(keyring: Keyring, program_id: ProgramId, line: int, row: ImportedRow) -> PreparedRow:
    handles: list[tuple[HandleKind, bytes]] = []
    if row.number is not None:
        handles.append(("own_number", hash_handle(keyring, "own_number", row.number)))
    handles += [("plastic_card", hash_handle(keyring, "plastic_card", card)) for card in row.cards]
    told: tuple[tuple[ContactKind, str | None], ...] = (("phone", row.phone), ("email", row.email))
    digest = hashlib.blake2b(msgspec.json.encode(row), digest_size=_ROW_HASH_BYTES, key=handles[0][1]).digest()
    return PreparedRow(
        line=line,
        row=row,
        row_hash=digest,
        handles=handles,
        contacts=[seal_contact(keyring, program_id, kind, value) for kind, value in told if value is not None],
    )
