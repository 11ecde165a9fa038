"""`recover`: a browser that has lost what it kept gets its member's card back, as a new device."""

from datetime import datetime

import msgspec

from geo.presences_repository import create_presences
from ids import DeviceId, MemberId, ProgramId
from kit.database import Connection
from kit.ids import new_id, new_secret
from members import devices_repository, recovery_repository
from members.aliases_repository import lock_active_member
from members.device import Device, NewDevice
from members.recovery import RecoverySecret
from server.credentials.revoke_codes import revoke_codes_of_device
from server.problems import Problem
from server.web.tokens import DeviceToken, write_token


class RecoveredDevice(msgspec.Struct, frozen=True):
    """As `POST /v1/members` answers, but for the card, which the device asks for itself."""

    member_id: MemberId
    device_id: DeviceId
    device_token: str


async def recover(
    conn: Connection, program_id: ProgramId, held: RecoverySecret, now: datetime
) -> RecoveredDevice | None:
    """None where it brings nothing back (any more). Raises Problem.

    The device before is signed out, and its key ends. A key of another phone stays what it is: that phone is asked for
    by the page, once the person wants the card here. The secret stays good: an answer that got lost is asked for again.
    """
    state = await lock_active_member(conn, held.member_id)
    former_id = await recovery_repository.find_recoverable_device(conn, program_id, held, now)
    if former_id is not None and state == "blocked":
        raise Problem("member-blocked", "Tell the shopper to ask at a shop.")
    former = None if former_id is None else await devices_repository.find_device(conn, held.member_id, former_id)
    if former is None:
        return None
    await revoke_codes_of_device(conn, former.member_id, former.id, now)
    token = DeviceToken(former.member_id, DeviceId(new_id()), new_secret())
    await devices_repository.create_devices(conn, [_like(former, token, now)])
    await create_presences(conn, [(token.member_id, token.device_id, former.program_id)])
    await recovery_repository.move_recovery_credential(conn, former.member_id, former.id, token.device_id, now)
    await devices_repository.revoke_device(conn, former, now)
    return RecoveredDevice(token.member_id, token.device_id, write_token(token))


def _like(former: Device, token: DeviceToken, now: datetime) -> NewDevice:
    return NewDevice(
        member_id=token.member_id,
        id=token.device_id,
        program_id=former.program_id,
        platform=former.platform,
        locale=former.locale,
        language=former.language,
        app_version=former.app_version,
        token_hash=token.secret_hash,
        created_at=now,
    )
