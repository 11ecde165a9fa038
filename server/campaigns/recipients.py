"""Members as the governor asks for them: consent, a phone that rings, their clock, and the rules of their program."""

from collections.abc import Iterable
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from ids import DeviceId, MemberId
from kit.daily_hours import DailyHours
from kit.database import Connection
from kit.sql import load_queries
from push.governor import MessageRules, Recipient

QUERIES = load_queries(__file__, "recipients.sql")

# A member, and the phone that is to ring if it can; None: whichever can.
Address = tuple[MemberId, DeviceId | None]


async def read_recipients(conn: Connection, addresses: Iterable[Address]) -> dict[Address, Recipient]:
    """Of all of them in one query. Zones as server/campaigns/member_zones.py tells them."""
    member_ids, device_ids = zip(*dict.fromkeys(addresses), strict=True)
    rows = await conn.fetch(QUERIES.read_recipients, member_ids, device_ids)
    return {(row["member_id"], row["asked_device_id"]): _recipient(row) for row in rows}


def _recipient(row: Any) -> Recipient:
    return Recipient(
        is_active=row["is_active"],
        push_consent=row["push_consent"],
        device_id=row["device_id"],
        language=row["device_language"] or row["locale"],
        zone=ZoneInfo(row["time_zone"]),
        quiet_hours=_hours(row["quiet_start"], row["quiet_end"]),
        rules=MessageRules(
            quiet_hours=_hours(row["program_quiet_start"], row["program_quiet_end"]),
            day_cap=row["message_day_cap"],
            week_cap=row["message_week_cap"],
        ),
    )


def _hours(start: time | None, end: time | None) -> DailyHours | None:
    return None if start is None or end is None else DailyHours(start, end)
