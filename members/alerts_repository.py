"""Alerts: what a member was told on their contacts, and can stop."""

from datetime import datetime

from ids import DeviceId, MemberId
from kit.database import Connection
from kit.ids import digest
from kit.sql import load_queries
from members.alerts import STOPPABLE, Alert, AlertKind, NewAlert

QUERIES = load_queries(__file__, "alerts.sql")


async def create_alert(conn: Connection, new: NewAlert) -> None:
    former = new.former
    await conn.execute(
        *QUERIES.insert_alert(
            member_id=new.member_id,
            id=new.id,
            program_id=new.program_id,
            kind=new.kind,
            device_id=new.device_id,
            contact_kind=new.contact_kind,
            former_hash=None if former is None else former.value_hash,
            former_sealed_value=None if former is None else former.sealed_value,
            former_stands_at=None if former is None else former.stands_at,
            objection_hash=digest(new.objection_secret),
            created_at=new.created_at,
        )
    )


async def find_alert_by_objection(conn: Connection, secret: bytes, now: datetime) -> Alert | None:
    """One that can still be stopped, or was."""
    row = await conn.fetchrow(QUERIES.find_alert_by_objection, digest(secret), now - STOPPABLE)
    return Alert(**row) if row else None


async def is_alerted(
    conn: Connection, member_id: MemberId, device_id: DeviceId, kind: AlertKind, since: datetime
) -> bool:
    """Whether they were told of such a thing by that phone since then."""
    return await conn.fetchval(QUERIES.find_alert_of_device, member_id, device_id, kind, since) is not None


async def has_changed_contacts(conn: Connection, member_id: MemberId, since: datetime) -> bool:
    """Whether contacts that stood before were told of a change, which nobody has stopped."""
    return await conn.fetchval(QUERIES.find_contact_alert, member_id, since) is not None


async def stop_alert(conn: Connection, alert: Alert, now: datetime) -> bool:
    """False where it was stopped before. Its row stays locked until the commit."""
    return await conn.fetchval(QUERIES.stop_alert, alert.member_id, alert.id, now) is not None


async def purge_old_alerts(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_alerts, now - STOPPABLE)
