"""`withdraw_consent`: who answers a text with STOP, or presses 9 in a call, consents to no more of campaigns."""

from datetime import datetime

from audiences.facts_repository import open_facts
from channels.phone.outcomes import PhoneKind
from ids import ProgramId
from kit.database import Connection
from kit.sealing import Keyring
from members import members_repository
from members.aliases_repository import lock_owner
from members.consent import Consent
from members.handles import hash_handle
from members.handles_repository import lock_contact
from server.phone.numbers import read_number

# The wording is that of the text or call.
_TEXT_VERSION = "stop"


async def withdraw_consent(
    conn: Connection, keyring: Keyring, program_id: ProgramId, number: str, kind: PhoneKind, now: datetime
) -> None:
    """Of the member who has confirmed the number, as often as it is said. A number may be nobody's."""
    holder = await lock_contact(conn, program_id, "phone", hash_handle(keyring, "phone", read_number(number)))
    owner_id = None if holder is None else await lock_owner(conn, holder)
    if owner_id is None or not await members_repository.has_consented(conn, owner_id, kind):
        return
    consent = Consent(purpose=kind, granted=False, text_version=_TEXT_VERSION, source="phone", at=now)
    await members_repository.record_consents(conn, owner_id, [consent])
    await open_facts(conn, [owner_id])
