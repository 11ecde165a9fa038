"""How long a program's messages take, from a fix or scan being received to the phone that shows the push."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, get

from ids import ProgramId
from kit.clock import utc_now
from kit.database import Connection
from programs.programs_repository import find_program
from push.latencies import percentile_ms
from push.latencies_repository import sum_latencies
from server.problems import Problem
from server.web.dependencies import DaysDependency, ServicesDependency, SessionDependency
from visits.visit import Days

_SHOWN = timedelta(days=29)
_MOST = timedelta(days=366)


class StageLatency(msgspec.Struct, frozen=True, kw_only=True):
    """How long messages took until a stage."""

    messages: int
    """How many were measured."""
    p50_ms: float | None
    """Half of them took at most so many milliseconds, to a tenth. Null: there were none."""
    p99_ms: float | None
    """99 of 100 took at most so many milliseconds, to a tenth. Null: there were none."""


class DayLatency(msgspec.Struct, frozen=True, kw_only=True):
    """The messages of a day."""

    day: date
    """A day of the program's calendar."""
    handed: StageLatency
    """Until the push service had taken them."""
    displayed: StageLatency
    """Until the phone showed them, as far as phones told."""


class MessageLatencies(msgspec.Struct, frozen=True):
    """How long messages took that tell of a coupon which somebody has just earned: from the fix or scan being received.
    Those of broadcasts and follow-ups, and those that quiet hours held back, are not among them."""

    days: list[DayLatency]
    """The newest first; days without messages are left out."""


class MessageLatencyController(Controller):
    path = "/v1/program/message-latencies"
    tags = ("Program",)

    @get(operation_id="getMessageLatencies", summary="How long pushes take, from the door to the phone's screen")
    async def get_message_latencies(
        self, staff: SessionDependency, services: ServicesDependency, days: DaysDependency
    ) -> MessageLatencies:
        """Of the last 30 days if no days are given, and of 366 at most."""
        read = partial(read_latencies, program_id=staff.program_id, days=days, now=utc_now())
        return await services.reports.read(read)


async def read_latencies(conn: Connection, program_id: ProgramId, days: Days, now: datetime) -> MessageLatencies:
    """Raises Problem."""
    program = await find_program(conn, program_id)
    assert program is not None
    last = days.last or now.astimezone(ZoneInfo(program.time_zone)).date()
    first = days.first or last - min(_SHOWN, last - date.min)
    if not timedelta() <= last - first < _MOST:
        raise Problem("invalid-request", f"Give to_day not before from_day, and at most {_MOST.days} days.")
    counted = await sum_latencies(conn, program_id, first, last)
    return MessageLatencies(
        [
            DayLatency(
                day=day,
                handed=_stage(stages.get("handed", {})),
                displayed=_stage(stages.get("displayed", {})),
            )
            for day, stages in sorted(counted.items(), reverse=True)
        ]
    )


def _stage(times: Mapping[int, int]) -> StageLatency:
    return StageLatency(
        messages=sum(times.values()), p50_ms=percentile_ms(times, 0.5), p99_ms=percentile_ms(times, 0.99)
    )
