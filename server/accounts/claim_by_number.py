"""`claim_by_number`: the number of an old card says which of the members who came by a file somebody is.

Such numbers are printed in sequence and prove nothing: the member must have one of the contacts that the file gives for
that card, confirmed.
"""

from datetime import datetime

from imports.imports_repository import has_contact, take_claim
from kit.database import Connection
from kit.sealing import Keyring
from members import handles_repository
from members.device import Device
from members.handles import hash_handle
from server.accounts.claim import claim
from server.accounts.confirm import VerificationResult
from server.credentials.former_numbers import read_former_numbers
from server.problems import Problem
from server.runtime.snapshot import Snapshot
from server.web.tokens import write_token


async def claim_by_number(
    conn: Connection, keyring: Keyring, snapshot: Snapshot, device: Device, text: str, now: datetime
) -> VerificationResult:
    """`text`: as it was scanned or typed. Raises Problem, the same whatever does not fit: who tries numbers learns
    nothing."""
    contacts = [(each.kind, each.value_hash) for each in await handles_repository.list_contacts(conn, device.member_id)]
    if not contacts:
        raise Problem("claim-refused", "Verify the phone number or e-mail address that the shop knows first.")
    handles = [(kind, hash_handle(keyring, kind, number)) for kind, number in read_former_numbers(text)]
    found = await handles_repository.find_holders(conn, device.program_id, handles) if handles else {}
    for member_id in sorted(set(found.values()) - {device.member_id}):
        if await has_contact(conn, member_id, contacts) and await take_claim(conn, member_id, now):
            token = await claim(conn, snapshot, device, member_id, now)
            return VerificationResult(token.member_id, token.device_id, write_token(token))
    raise Problem(
        "claim-refused",
        "No card of this number waits for a contact of this member. Check the number, verify the phone number or e-mail"
        " address that the shop knows, or ask at a shop.",
    )
