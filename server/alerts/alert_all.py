"""`alert_all`: every contact of a member is told, with a code that stops it. `tell_all`: what nothing can stop."""

from datetime import datetime, timedelta

from channels.code_messages import UnstoppableKind, write_alert
from channels.messages import Words
from ids import DeviceId, MemberId, ProgramId
from kit.database import Connection
from kit.locales import Locale
from members import alerts_repository
from members.alerts import AlertKind
from members.device import Device
from members.handles_repository import list_contacts
from server.alerts.alert_contacts import Done, alert_contacts
from server.alerts.tell_contacts import Addressee, Telling, tell_contacts
from server.web.services import Services

# Whoever has a phone's token can move and stop the card as often as they like, and each message costs something.
_TOLD_AGAIN_AFTER = timedelta(hours=24)


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


async def alert_of_card(conn: Connection, services: Services, device: Device, kind: AlertKind, now: datetime) -> None:
    """What a phone did to the card. Once a day: the code that was sent signs that phone out whatever it did since."""
    since = now - _TOLD_AGAIN_AFTER
    if not await alerts_repository.is_alerted(conn, device.member_id, device.id, kind, since):
        await alert_all(conn, services, device.program_id, device.member_id, device.id, kind, now)


async def tell_all(conn: Connection, telling: Telling, to: Addressee, kind: UnstoppableKind, now: datetime) -> None:
    """`to`: its contacts are read before it was done, for it may have ended them."""

    def write(locale: Locale, program_name: str, _: str) -> Words:
        return write_alert(locale, program_name, kind, "")

    await tell_contacts(conn, telling, to, None, write, now)
