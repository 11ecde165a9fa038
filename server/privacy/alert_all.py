"""`alert_all`: every contact of a member is told of an export or an erasure."""

from datetime import datetime

from ids import DeviceId, MemberId, ProgramId
from kit.database import Connection
from members.alerts import AlertKind
from members.handles_repository import list_contacts
from server.accounts.alert_contacts import Done, alert_contacts
from server.accounts.tell_contacts import Telling
from server.web.services import Services


async def alert_all(
    conn: Connection,
    services: Services,
    program_id: ProgramId,
    member_id: MemberId,
    device_id: DeviceId | None,
    kind: AlertKind,
    now: datetime,
) -> None:
    done = Done(program_id=program_id, member_id=member_id, kind=kind, device_id=device_id)
    await alert_contacts(conn, Telling.of(services), done, await list_contacts(conn, member_id), now)
