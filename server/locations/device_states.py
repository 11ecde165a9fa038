"""What the database holds about a device whose fixes are to be judged: read once a batch, built once a row."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from geo.presence import Presence
from geo.presences_repository import PresenceSwap, decode_presence
from ids import DeviceId, MemberId, ProgramId
from kit.database import Connection
from kit.locales import Locale
from kit.sql import load_queries
from members.device_tokens import DeviceTokens

QUERIES = load_queries(__file__, "device_states.sql")


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """`version` is the one of the presence row."""

    member_id: MemberId
    device_id: DeviceId
    program_id: ProgramId
    locale: Locale
    tokens: DeviceTokens
    location_consent: bool
    is_verified: bool
    last_seen_at: datetime
    version: int
    presence: Presence

    def swap(self, presence: Presence, next_due_at: datetime | None) -> PresenceSwap:
        """From the presence that was read to this one."""
        return PresenceSwap(
            member_id=self.member_id,
            device_id=self.device_id,
            program_id=self.program_id,
            read_version=self.version,
            presence=presence,
            next_due_at=next_due_at,
        )


async def read_device_states(
    conn: Connection, member_ids: Sequence[MemberId], device_ids: Sequence[DeviceId]
) -> dict[DeviceId, DeviceState]:
    """By device, for pairs of a member and a device. Signed-out devices and members who are not active are left out."""
    rows = await conn.fetch(QUERIES.read_devices, member_ids, device_ids)
    return {row["device_id"]: _device_state(row) for row in rows}


def _device_state(row: asyncpg.Record) -> DeviceState:
    return DeviceState(
        member_id=row["member_id"],
        device_id=row["device_id"],
        program_id=row["program_id"],
        locale=row["locale"],
        tokens=DeviceTokens(row["token_hash"], row["former_token_hash"], row["former_token_until"]),
        location_consent=row["location_consent"],
        is_verified=row["is_verified"],
        last_seen_at=row["last_seen_at"],
        version=row["version"],
        presence=decode_presence(row["watermark"], row["stays"], row["motion"]),
    )
