"""`export`: everything that is stored about a member and all who became them, as a ZIP with one JSON file a table.

All rows are read as of one moment, a page at a time: neither the rows nor the ZIP are ever in memory as a whole. The
same rows make the same bytes.
"""

import asyncio
import zipfile
from typing import IO, cast

import msgspec

from channels.line import credentials as line_credentials
from channels.messenger import credentials as messenger_credentials
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.row_sets import Row, RowPages
from kit.sealing import Keyring
from members.aliases_repository import history_ids
from members.contacts import Contact, unseal_contact
from members.members_repository import find_member
from server.privacy.holders import HOLDERS
from server.privacy.readme import README
from server.problems import Problem

# What LINE and a page of Facebook know them by.
_SEALED_IDS = {
    "sealed_line_id": line_credentials.unseal_user,
    "sealed_messenger_id": messenger_credentials.unseal_user,
}
# The earliest date that a ZIP can name: the bytes depend on the data only.
_DATED = (1980, 1, 1, 0, 0, 0)


async def export(conn: Connection, keyring: Keyring, member_id: MemberId, file: IO[bytes]) -> None:
    """Write the ZIP, inside `in_read_only_transaction`. Raises Problem where the member has been merged or erased."""
    member = await find_member(conn, member_id)
    if member is None or member.state in ("merged", "erased"):
        raise Problem("invalid-member-state", "There is nothing to export: they are erased, or became another member.")
    member_ids = sorted(await history_ids(conn, member_id))
    # An attempt that failed may have left something.
    file.seek(0)
    file.truncate()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_entry("README.txt"), README.encode())
        for holder in HOLDERS:
            for name, pages in holder.read(conn, member_ids).items():
                with archive.open(_entry(f"{name}.json"), "w") as entry:
                    await _write_rows(entry, keyring, pages)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATED)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


async def _write_rows(entry: IO[bytes], keyring: Keyring, pages: RowPages) -> None:
    """A JSON array with a row a line."""
    lead = b"[\n"
    async for rows in pages:
        lines = b",\n".join([msgspec.json.encode(_open_contact(keyring, row)) for row in rows])
        await asyncio.to_thread(entry.write, lead + lines)  # compressing would block the event loop
        lead = b",\n"
    entry.write(b"[]\n" if lead == b"[\n" else b"\n]\n")


def _open_contact(keyring: Keyring, row: Row) -> Row:
    """A phone number, e-mail address or LINE user id in clear, in place of its sealed form and its hash."""
    for column, unseal in _SEALED_IDS.items():
        if column in row:
            user_id = unseal(keyring, cast("ProgramId", row["program_id"]), cast("bytes", row[column]))
            return {name: value for name, value in row.items() if name != column} | {"user_id": user_id}
    if "sealed_value" not in row:
        return row
    shown = {name: value for name, value in row.items() if name not in {"sealed_value", "value_hash"}}
    if row["sealed_value"] is not None:
        contact = Contact(*(row[name] for name in ("kind", "value_hash", "sealed_value")))  # type: ignore[arg-type]
        shown["value"] = unseal_contact(keyring, cast("ProgramId", row["program_id"]), contact)
    return shown
