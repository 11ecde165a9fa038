"""What staff do with a member: block them with all that is theirs, let them in again, stop a card that was lost."""

from datetime import datetime

from audiences.facts_repository import open_facts
from geo.presences_repository import clear_places
from ids import MemberId
from kit.database import Connection
from members import members_repository
from members.handles_repository import list_contacts
from members.member import Member, MemberState
from programs.staff_repository import Session
from server.alerts.alert_all import tell_all
from server.alerts.tell_contacts import Addressee, Telling
from server.credentials.revoke_codes import revoke_codes
from server.problems import Problem
from server.web.scoping import find_member_of


async def block(conn: Connection, staff: Session, member_id: MemberId, now: datetime) -> Member:
    """Raises Problem."""
    await find_member_of(conn, staff, member_id)
    await clear_places(conn, member_id)
    blocked = await _change_state(conn, staff, member_id, "active", "blocked", now)
    await revoke_codes(conn, member_id, "blocked", now)
    await open_facts(conn, [member_id])
    return blocked


async def unblock(conn: Connection, staff: Session, member_id: MemberId, now: datetime) -> Member:
    """Raises Problem."""
    await find_member_of(conn, staff, member_id)
    unblocked = await _change_state(conn, staff, member_id, "blocked", "active", now)
    await open_facts(conn, [member_id])
    return unblocked


async def stop_card(conn: Connection, telling: Telling, staff: Session, member_id: MemberId, now: datetime) -> None:
    """Raises Problem."""
    await find_member_of(conn, staff, member_id)
    await revoke_codes(conn, member_id, "lost", now)
    contacts = await list_contacts(conn, member_id)
    to = Addressee(program_id=staff.program_id, member_id=member_id, contacts=contacts)
    await tell_all(conn, telling, to, "card_stopped_by_staff", now)


async def _change_state(
    conn: Connection, staff: Session, member_id: MemberId, former: MemberState, state: MemberState, now: datetime
) -> Member:
    if not await members_repository.change_state(conn, staff.program_id, member_id, former, state, now):
        raise Problem("invalid-member-state", f"Read the member again: they are not {former}.")
    return await find_member_of(conn, staff, member_id)
