"""Programs' LINE channels: their sealed credentials, and what LINE last said of them."""

from datetime import datetime

import msgspec

from ids import ProgramId
from kit.database import Connection
from kit.leases import lease_query
from kit.sql import load_queries

QUERIES = load_queries(__file__, "line_channels.sql")
LEASE_CHANNELS = lease_query("line_channels", key=("program_id",), due_at="next_check_at", returning=("program_id",))


class LineChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A program's channel as it is kept. `fault`: a word for what LINE refused last.

    `monthly_limit` None beside a `checked_at`: as many messages as one likes. `spent_until`: LINE has said that the
    month's are spent.
    """

    program_id: ProgramId
    channel_id: str
    login_channel_id: str | None
    liff_id: str | None = None
    link_url: str | None
    sealed_credentials: bytes
    changed_at: datetime
    bot_user_id: str | None = None
    monthly_limit: int | None = None
    sent_this_month: int | None = None
    checked_at: datetime | None = None
    fault: str | None = None
    spent_until: datetime | None = None


class ChannelCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What LINE says of a channel. `monthly_limit` None: none."""

    bot_user_id: str
    monthly_limit: int | None
    sent_this_month: int


async def upsert_channel(conn: Connection, channel: LineChannelRow) -> None:
    await conn.execute(
        *QUERIES.upsert_channel(
            program_id=channel.program_id,
            channel_id=channel.channel_id,
            login_channel_id=channel.login_channel_id,
            liff_id=channel.liff_id,
            link_url=channel.link_url,
            sealed_credentials=channel.sealed_credentials,
            now=channel.changed_at,
        )
    )


async def find_channel(conn: Connection, program_id: ProgramId) -> LineChannelRow | None:
    row = await conn.fetchrow(QUERIES.find_channel, program_id)
    return None if row is None else LineChannelRow(**row)


async def delete_channel(conn: Connection, program_id: ProgramId) -> bool:
    """Whether there was one."""
    return await conn.fetchval(QUERIES.delete_channel, program_id) is not None


async def lease_channels(conn: Connection, now: datetime, *, limit: int, lease_s: float) -> list[ProgramId]:
    """Those that LINE is to be asked about."""
    return [row["program_id"] for row in await conn.fetch(LEASE_CHANNELS, now, lease_s, limit)]


async def record_check(
    conn: Connection, channel: LineChannelRow, check: ChannelCheck, now: datetime, next_check_at: datetime
) -> None:
    await conn.execute(
        *QUERIES.record_check(
            program_id=channel.program_id,
            changed_at=channel.changed_at,
            bot_user_id=check.bot_user_id,
            monthly_limit=check.monthly_limit,
            sent_this_month=check.sent_this_month,
            now=now,
            next_check_at=next_check_at,
        )
    )


async def record_fault(conn: Connection, channel: LineChannelRow, fault: str, next_check_at: datetime) -> None:
    await conn.execute(
        *QUERIES.record_fault(
            program_id=channel.program_id, changed_at=channel.changed_at, fault=fault, next_check_at=next_check_at
        )
    )


async def record_spent(conn: Connection, channel: LineChannelRow, until: datetime, now: datetime) -> None:
    """LINE has refused a message because the month's are spent; it is asked for its count at once."""
    await conn.execute(QUERIES.record_spent, channel.program_id, channel.changed_at, until, now)
