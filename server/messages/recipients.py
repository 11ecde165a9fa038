"""Members as the governor asks for them: consent, a phone that rings, their clock, and the rules of their program."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ids import DeviceId, MemberId
from kit.daily_hours import DailyHours
from kit.database import Connection
from kit.spread import fetch_by_shard
from kit.sql import load_queries
from outbox.kinds import PHONE_IDLE_AFTER, ChannelKind
from push.governor import MessageRules, Recipient, WayRefusal

QUERIES = load_queries(__file__, "recipients.sql")

# A member, and the phone that is to ring if it can; None: whichever can.
Address = tuple[MemberId, DeviceId | None]
Ways = Mapping[ChannelKind, WayRefusal | None]


async def read_recipients(
    conn: Connection, addresses: Iterable[Address], now: datetime, channels: Iterable[ChannelKind] = ("push",)
) -> dict[Address, Recipient]:
    """Of all of them in one query, and in another one where they are asked for by more than pushes.

    Zones as server/messages/member_zones.py tells them.
    """
    member_ids, device_ids = zip(*dict.fromkeys(addresses), strict=True)
    rows = await conn.fetch(QUERIES.read_recipients, member_ids, device_ids, now - PHONE_IDLE_AFTER)
    ways: dict[MemberId, Any] = {}
    if any(channel != "push" for channel in channels):
        rows_of_ways = await fetch_by_shard(conn, QUERIES.read_ways, set(member_ids))
        ways = {row["member_id"]: row for row in rows_of_ways}
    return {(row["member_id"], row["asked_device_id"]): _recipient(row, ways.get(row["member_id"])) for row in rows}


def _ways(row: Any) -> Ways:
    return {
        "line": _way(is_there=row["has_line"]),
        "email": _way(is_there=row["has_email"], consents=row["email_consent"]),
        "sms": _way(is_there=row["has_sms"], consents=row["sms_consent"]),
        "voice": _way(is_there=row["has_voice"], consents=row["voice_consent"]),
    }


def _way(*, is_there: bool | None, consents: bool = True) -> WayRefusal | None:
    if not consents:
        return "no_consent"
    return None if is_there else "unreachable"


def _recipient(row: Any, ways: Any) -> Recipient:
    """`ways`: the row of `read_ways`; None: only pushes were asked for."""
    return Recipient(
        is_active=row["is_active"],
        push_consent=row["push_consent"],
        device_id=None if row["is_idle"] else row["device_id"],
        is_phone_idle=bool(row["is_idle"]),
        language=row["device_language"] or row["locale"],
        zone=ZoneInfo(row["time_zone"]),
        quiet_hours=_hours(row["quiet_start"], row["quiet_end"]),
        rules=_rules(
            row["program_quiet_start"], row["program_quiet_end"], row["message_day_cap"], row["message_week_cap"]
        ),
        ways={} if ways is None else _ways(ways),
        call_silence=None if ways is None else _silence(ways["calls_from"], ways["calls_until"]),
    )


@lru_cache(maxsize=1000)
def _rules(quiet_start: time | None, quiet_end: time | None, day_cap: int, week_cap: int) -> MessageRules:
    return MessageRules(quiet_hours=_hours(quiet_start, quiet_end), day_cap=day_cap, week_cap=week_cap)


def _silence(calls_from: time | None, calls_until: time | None) -> DailyHours | None:
    """Equal ends mean that calls are made all day."""
    return None if calls_from == calls_until else _hours(calls_until, calls_from)


def _hours(start: time | None, end: time | None) -> DailyHours | None:
    return None if start is None or end is None else DailyHours(start, end)
