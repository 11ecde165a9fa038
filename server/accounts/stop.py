"""`stop`: a contact that stood before says that it was not the member (docs/decisions/0029)."""

from datetime import datetime

from ids import DeviceId
from kit.database import Connection
from members import (
    alerts_repository,
    devices_repository,
    handles_repository,
    members_repository,
    personal_repository,
)
from members.alerts import Alert
from members.aliases_repository import lock_members
from server.credentials.revoke_codes import revoke_codes_of_device
from server.problems import Problem
from server.web.device_guard import DATA_RIGHTS_STATES


async def stop(conn: Connection, alert: Alert, now: datetime) -> None:
    """The change is undone, an erasure that waits is withdrawn, and the phone that did it is signed out.

    Stopped twice it is stopped once. Locks: the alert, the handles, the member.
    """
    if not await alerts_repository.stop_alert(conn, alert, now):
        return
    await personal_repository.withdraw_erasure_request(conn, alert.member_id)
    member = await members_repository.find_member(conn, alert.member_id)
    if member is None or member.state not in DATA_RIGHTS_STATES:
        return  # who has left, or became another member, has no contact to be given back
    if alert.contact_kind is not None:
        await _undo_change(conn, alert)
    if (await lock_members(conn, [alert.member_id]))[alert.member_id] != member.state:
        raise Problem("unavailable", "Send the same request again after Retry-After.", retry_after_s=1)
    if alert.device_id is not None:
        await _sign_out(conn, alert, alert.device_id, now)


async def _undo_change(conn: Connection, alert: Alert) -> None:
    """Whatever took the place of the contact goes, however often it was replaced since."""
    former = alert.former
    for contact in await handles_repository.list_contacts(conn, alert.member_id):
        if contact.kind == alert.contact_kind and (former is None or contact.value_hash != former.value_hash):
            await handles_repository.release_contact(conn, alert.program_id, contact.kind, contact.value_hash)
    if former is not None:  # where another member has it by now, it stays theirs
        await handles_repository.reserve_contact(conn, alert.program_id, alert.member_id, former, former.stands_at)


async def _sign_out(conn: Connection, alert: Alert, device_id: DeviceId, now: datetime) -> None:
    device = await devices_repository.find_device(conn, alert.member_id, device_id)
    if device is not None:
        await revoke_codes_of_device(conn, alert.member_id, device_id, now)
        await devices_repository.revoke_device(conn, device, now)
