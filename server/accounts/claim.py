"""`claim`: a member who came by a file (docs/moving-in.md) becomes that of a phone.

Whoever has confirmed a contact that a file gave to one member only is taken for them: nobody else has shown anything
yet, and there is nothing else to show (docs/decisions/0038). A claim is a merge: the phone's member becomes the one who
waited.
"""

from datetime import datetime

from ids import MemberId
from imports.imports_repository import delete_contacts
from kit.database import Connection
from members import members_repository
from members.device import Device
from server.accounts.merge import merge
from server.rewards.complete_cards import complete_cards
from server.runtime.snapshot import Snapshot
from server.web.tokens import DeviceToken


async def claim(
    conn: Connection, snapshot: Snapshot, device: Device, waiting_id: MemberId, now: datetime
) -> DeviceToken:
    """The phone's new token. The caller has taken the claim (`imports_repository.take_claim`), and holds the handle of
    the contact that leads to it. Raises Problem.

    The contacts of the file are gone with it: what the member has not confirmed is nobody's.
    """
    await delete_contacts(conn, [waiting_id])
    token = await merge(conn, snapshot, device, waiting_id, now)
    await members_repository.set_verified(conn, waiting_id, now)
    await complete_cards(conn, snapshot, waiting_id, device.program_id, now)
    return token
