"""`take_contact`: a contact that leads to a member since now becomes their only one of its kind, and verifies them."""

from datetime import datetime

from ids import MemberId, ProgramId
from kit.database import Connection
from members import handles_repository, members_repository
from members.contacts import ContactKind
from server.rewards.complete_cards import complete_cards
from server.runtime.snapshot import Snapshot


async def take_contact(
    conn: Connection,
    snapshot: Snapshot,
    program_id: ProgramId,
    member_id: MemberId,
    kind: ContactKind,
    value_hash: bytes,
    now: datetime,
) -> None:
    """Its handle is the member's already; they are locked."""
    await handles_repository.release_other_contacts(conn, member_id, kind, value_hash)
    await members_repository.set_verified(conn, member_id, now)
    await complete_cards(conn, snapshot, member_id, program_id, now)
