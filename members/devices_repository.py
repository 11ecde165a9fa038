"""Devices: app installations. Each holds an opaque token of which only the SHA-256 is stored."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

import asyncpg

from ids import DeviceId, MemberId
from kit.database import Connection
from kit.ids import digest
from kit.locales import Locale
from kit.spread import split_by_shard
from kit.sql import load_queries
from members.device import FORMER_TOKEN_LIFE, SEEN_EVERY, Device, NewDevice, PushTokenKind
from members.device_tokens import DeviceTokens, is_token_valid
from members.member import MemberState

QUERIES = load_queries(__file__, "devices.sql")


async def create_devices(conn: Connection, devices: Sequence[NewDevice]) -> None:
    await conn.execute(
        *QUERIES.insert_devices(
            member_id=[device.member_id for device in devices],
            id=[device.id for device in devices],
            program_id=[device.program_id for device in devices],
            platform=[device.platform for device in devices],
            locale=[device.locale for device in devices],
            token_hash=[device.token_hash for device in devices],
            created_at=[device.created_at for device in devices],
            language=[device.language for device in devices],
            app_version=[device.app_version for device in devices],
        )
    )


async def authenticate_device(
    conn: Connection, member_id: MemberId, device_id: DeviceId, secret: bytes, now: datetime
) -> Device | None:
    row = await conn.fetchrow(QUERIES.find_device, member_id, device_id)
    if row is None or not is_token_valid(_tokens(row), digest(secret), now):
        return None
    return _device(row)


async def find_merged_device(
    conn: Connection, member_id: MemberId, device_id: DeviceId, secret: bytes, now: datetime
) -> Device | None:
    """A device by which its member became another one: it may request the answer with its new token once more."""
    row = await conn.fetchrow(QUERIES.find_merged_device, member_id, device_id)
    if row is None or not is_token_valid(_tokens(row), digest(secret), now):
        return None
    return _device(row)


async def find_device(conn: Connection, member_id: MemberId, device_id: DeviceId) -> Device | None:
    """For a caller whose token was compared already."""
    row = await conn.fetchrow(QUERIES.find_device, member_id, device_id)
    return None if row is None else _device(row)


async def rotate_token(conn: Connection, device: Device, new_secret: bytes, used_secret: bytes, now: datetime) -> None:
    """The token that was used works for one more hour, every older one ends now."""
    until = now + FORMER_TOKEN_LIFE
    await conn.execute(
        *QUERIES.rotate_token(
            member_id=device.member_id,
            id=device.id,
            new_hash=digest(new_secret),
            former_hash=digest(used_secret),
            former_until=until,
        )
    )


async def set_last_seen(conn: Connection, devices: Sequence[tuple[MemberId, DeviceId]], now: datetime) -> None:
    """They are there now. Of each it is written once a day; whoever knows better does not ask (`device.is_news`)."""
    for part in split_by_shard(conn, devices, itemgetter(0)):
        member_ids, device_ids = zip(*part, strict=True)
        await conn.execute(QUERIES.set_last_seen, member_ids, device_ids, now, now - SEEN_EVERY)


async def set_push_token(
    conn: Connection, member_id: MemberId, device_id: DeviceId, token: str | None, kind: PushTokenKind | None
) -> None:
    await conn.execute(QUERIES.set_push_token, member_id, device_id, token, kind)


async def change_device(
    conn: Connection, device: Device, locale: Locale, language: str | None, app_version: str | None
) -> None:
    """`app_version` None: it stays as it was told before."""
    await conn.execute(
        *QUERIES.change_device(
            member_id=device.member_id, id=device.id, locale=locale, language=language, app_version=app_version
        )
    )


async def list_devices(conn: Connection, member_id: MemberId) -> list[Device]:
    """Those that nobody has signed out; the one that was seen last comes first."""
    return [_device(row) for row in await conn.fetch(QUERIES.list_devices, member_id)]


async def revoke_device(conn: Connection, device: Device, now: datetime) -> None:
    await conn.execute(QUERIES.revoke_device, device.member_id, device.id, now)


async def revoke_devices(conn: Connection, member_id: MemberId, now: datetime) -> None:
    """All of the member's. From the commit on none of their tokens is valid."""
    await conn.execute(QUERIES.revoke_devices, member_id, now)


async def find_push_token(
    conn: Connection, member_id: MemberId, device_id: DeviceId
) -> tuple[str, PushTokenKind] | None:
    row = await conn.fetchrow(QUERIES.find_push_token, member_id, device_id)
    return (row["push_token"], row["push_token_kind"]) if row else None


async def find_blocked_device(
    conn: Connection, member_id: MemberId, device_id: DeviceId, secret: bytes, now: datetime
) -> Device | None:
    """For a valid token of a blocked member: the app can say so, and the member may still export or erase."""
    row = await conn.fetchrow(QUERIES.find_blocked_device, member_id, device_id)
    if row is None or not is_token_valid(_tokens(row), digest(secret), now):
        return None
    return _device(row)


async def lock_member_of_device(conn: Connection, device: Device, states: Sequence[MemberState]) -> bool:
    """Whether the device still is its member's, and they are in one of these states: both until the commit.

    Two statements: the second one sees what those that the first one waited for have written.
    """
    if await conn.fetchval(QUERIES.lock_active_member, device.member_id) not in states:
        return False
    return await conn.fetchval(QUERIES.find_live_device, device.member_id, device.id) is not None


async def find_live_devices(conn: Connection, devices: Sequence[Device]) -> set[DeviceId]:
    """Those that nobody has signed out."""
    asked = zip(*((device.member_id, device.id) for device in devices), strict=True)
    return {row["id"] for row in await conn.fetch(QUERIES.find_live_devices, *asked)}


def _device(row: asyncpg.Record) -> Device:
    return Device(**{field: row[field] for field in Device.__struct_fields__})


def _tokens(row: asyncpg.Record) -> DeviceTokens:
    return DeviceTokens(row["token_hash"], row["former_token_hash"], row["former_token_until"])
