"""`erase_now`: what is done at once, by two proofs or by the staff, is told to the contacts that the member had.

One who is erased a day after they asked was told then, and could stop it.
"""

from datetime import datetime, timedelta

from ids import MemberId, ProgramId
from kit.database import Connection
from members.device import Device
from members.handles_repository import list_contacts
from members.members_repository import find_member
from server.alerts.alert_all import tell_all
from server.alerts.tell_contacts import Addressee, Telling
from server.privacy.erase import erase

# The second erasure, ten minutes later, takes what is not out by then, and the rest of the row.
_LIFE = timedelta(minutes=10)


async def erase_now(
    conn: Connection,
    telling: Telling,
    program_id: ProgramId,
    member_id: MemberId,
    now: datetime,
    by: Device | None = None,
) -> None:
    """As `erase`. The last message is written after it, or it would be erased too."""
    contacts = await list_contacts(conn, member_id)
    member = await find_member(conn, member_id)
    await erase(conn, program_id, member_id, now, by)
    if member is not None and contacts:
        to = Addressee(program_id=program_id, member_id=member_id, contacts=contacts, locale=member.locale, life=_LIFE)
        await tell_all(conn, telling, to, "erased", now)
