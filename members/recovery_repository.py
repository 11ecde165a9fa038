"""Recovery credentials: see `members.recovery`."""

from datetime import datetime

from ids import DeviceId, MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries
from members.device import Device
from members.recovery import LIFE, RecoverySecret

QUERIES = load_queries(__file__, "recovery.sql")


async def set_recovery_credential(conn: Connection, device: Device, held: RecoverySecret, now: datetime) -> None:
    """In the place of a former one of this device."""
    await conn.execute(
        *QUERIES.upsert_recovery_credential(
            member_id=device.member_id,
            device_id=device.id,
            program_id=device.program_id,
            secret_hash=held.secret_hash,
            created_at=now,
            expires_at=now + LIFE,
        )
    )


async def find_recoverable_device(
    conn: Connection, program_id: ProgramId, held: RecoverySecret, now: datetime
) -> DeviceId | None:
    """The device that it stands for."""
    device_id: DeviceId | None = await conn.fetchval(
        *QUERIES.find_recoverable_device(
            member_id=held.member_id, program_id=program_id, secret_hash=held.secret_hash, now=now
        )
    )
    return device_id


async def move_recovery_credential(
    conn: Connection, member_id: MemberId, from_device: DeviceId, to_device: DeviceId, now: datetime
) -> None:
    """It stands for another device from now on, for as long again."""
    await conn.execute(
        *QUERIES.move_recovery_credential(
            member_id=member_id, from_device=from_device, to_device=to_device, expires_at=now + LIFE
        )
    )


async def delete_recovery_credential(conn: Connection, held: RecoverySecret) -> None:
    await conn.execute(QUERIES.delete_recovery_credential, held.member_id, held.secret_hash)


async def purge_recovery_credentials(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_recovery_credentials, now)
