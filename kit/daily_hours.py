"""Hours of every day by a wall clock, such as 21:00 to 08:00. Pure."""

from datetime import UTC, datetime, time, timedelta, tzinfo

import msgspec


class DailyHours(msgspec.Struct, frozen=True):
    """From `start` to `end` by a local clock; may run past midnight. `start` belongs to them, `end` does not.

    Equal ends mean the whole day.
    """

    start: time
    end: time

    def hold(self, local: datetime) -> bool:
        wall = local.time()
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


def next_start(hours: DailyHours, now: datetime, zone: tzinfo) -> datetime:
    """The first start after `now`, a moment outside them.

    Of a start that comes twice when the clocks go back each counts; one that they skip is taken an hour early.
    """
    return min(moment for moment in _moments(hours.start, now, zone) if moment > now)


def next_end(hours: DailyHours, now: datetime, zone: tzinfo) -> datetime | None:
    """The first moment after `now` that is an end and lies outside them; None where they are the whole day.

    One that the clocks skip is as late as the clock shows then.
    """
    ends = (moment for moment in _moments(hours.end, now, zone) if moment > now)
    return min((end for end in ends if not hours.hold(end.astimezone(zone))), default=None)


def _moments(wall: time, now: datetime, zone: tzinfo) -> list[datetime]:
    """When a clock shows that, from the day of `now` on; UTC. The clocks go back at most once a day."""
    today = now.astimezone(zone).date()
    walls = (datetime.combine(today + timedelta(days=days), wall, zone) for days in range(3))
    return [each.replace(fold=fold).astimezone(UTC) for each in walls for fold in (0, 1)]
