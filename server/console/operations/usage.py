"""What a program has sent, and what it may still send today."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries
from outbox.kinds import CHANNEL_KINDS, ChannelKind
from programs import programs_repository
from programs.programs_repository import MessageSettings, Program
from push.quota_repository import read_quota_used

QUERIES = load_queries(__file__, "usage.sql")
_DROPPED = "dropped:"


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """`used`: of `day`, which is the program's."""

    rules: MessageSettings
    day: date
    used: int

    @property
    def left(self) -> int | None:
        """None: any number."""
        return None if self.rules.day_quota is None else max(0, self.rules.day_quota - self.used)


class ChannelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Of messages of campaigns, since there are any. `dropped`: what the rules held back for good."""

    channel: ChannelKind
    sent: int
    waiting: int
    failed: int
    dropped: int


async def read_quota(conn: Connection, program: Program, now: datetime) -> Quota:
    day = now.astimezone(ZoneInfo(program.time_zone)).date()
    rules = await programs_repository.find_message_settings(conn, program.id)
    return Quota(rules=rules, day=day, used=await read_quota_used(conn, program.id, day))


async def read_channels(conn: Connection, program_id: ProgramId) -> Sequence[ChannelFigures]:
    """Those by which anything has gone, or was to go."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in await conn.fetch(QUERIES.sum_messages, program_id):
        measure = "dropped" if row["measure"].startswith(_DROPPED) else row["measure"]
        counts[row["channel"]][measure] += row["messages"]
    return [
        ChannelFigures(
            channel=channel,
            sent=counts[channel]["sent"],
            waiting=counts[channel]["waiting"],
            failed=counts[channel]["failed"] + counts[channel]["unknown"],
            dropped=counts[channel]["dropped"],
        )
        for channel in CHANNEL_KINDS
        if channel in counts
    ]
