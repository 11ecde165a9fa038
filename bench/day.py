"""A day at one place: how far the phone said it was, and when each way took it to be inside."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bench.doors import Door, Floats, find_reentries, find_spans
from bench.map import EDGE, FENCE, LONGEST_PAUSE, TRACE
from bench.svg import Point, box, line, text
from geo.fix import Fix

# Metres outside the edge at which the curve is cut off.
HIGHEST_M = 400.0
_CURVE_PX, _ROW_PX, _LEFT_PX = 130.0, 38.0, 110.0
_AROUND = timedelta(minutes=15)


@dataclass(frozen=True)
class Row:
    name: str
    colour: str
    doors: Sequence[Door]


@dataclass(frozen=True)
class _Axis:
    began: datetime
    ended: datetime
    left_px: float
    width_px: float

    def at(self, moment: datetime) -> float:
        share = (min(max(moment, self.began), self.ended) - self.began) / (self.ended - self.began)
        return self.left_px + share * self.width_px


def find_worst_day(doors: Sequence[Door], fixes: Sequence[Fix]) -> tuple[int, date]:
    """The place and the day (UTC) with the most re-entries; where there are none, with the most doors."""
    counted = Counter((door.place, door.event_at.date()) for door in find_reentries(doors) or doors)
    return counted.most_common(1)[0][0] if counted else (0, fixes[0].recorded_at.date())


def draw_day(
    where: str,
    day: date,
    fixes: Sequence[Fix],
    away_m: Floats,
    place: int,
    rows: Sequence[Row],
    within: tuple[Point, Point],
) -> list[str]:
    (left_px, top_px), (width_px, _) = within
    began, ended = _find_window(day, [door for row in rows for door in row.doors if door.place == place])
    axis = _Axis(began, ended, left_px + _LEFT_PX, width_px - _LEFT_PX)
    head = f"One day at {where}: {day:%Y-%m-%d}, {began:%H:%M} to {ended:%H:%M} UTC"
    marks = [text((left_px, top_px), head, 16), *_draw_curve(axis, top_px + 15, fixes, away_m)]
    top_px += 15 + _CURVE_PX + 16
    for number, row in enumerate(rows):
        marks += _draw_row(axis, (left_px, top_px + number * _ROW_PX), row, place)
    low_px = top_px + len(rows) * _ROW_PX
    return [*marks, *_draw_hours(axis, low_px)]


def _find_window(day: date, doors: Sequence[Door]) -> tuple[datetime, datetime]:
    morning = datetime(day.year, day.month, day.day, tzinfo=UTC)
    evening = morning + timedelta(days=1)
    at = [door.event_at for door in doors if morning <= door.event_at < evening]
    if not at:
        return morning, evening
    return max(morning, min(at) - _AROUND), min(evening, max(at) + _AROUND)


def _draw_curve(axis: _Axis, top_px: float, fixes: Sequence[Fix], away_m: Floats) -> list[str]:
    """Metres from the edge; inside lies below the blue line, as deep as the fence's radius goes."""
    deepest_m = -150.0

    def height(metres: float) -> float:
        shown = min(max(metres, deepest_m), HIGHEST_M)
        return top_px + _CURVE_PX * (HIGHEST_M - shown) / (HIGHEST_M - deepest_m)

    points = [
        (fix.recorded_at, height(metres))
        for fix, metres in zip(fixes, away_m.tolist(), strict=True)
        if axis.began <= fix.recorded_at <= axis.ended
    ]
    edge, right = height(0), axis.left_px + axis.width_px
    marks = [
        box((axis.left_px, edge), (axis.width_px, top_px + _CURVE_PX - edge), f"{FENCE}26"),
        box((axis.left_px, top_px), (axis.width_px, _CURVE_PX), "none", EDGE),
        line([(axis.left_px, edge), (right, edge)], FENCE, 1.5),
        text((axis.left_px - 8, edge + 5), "the edge", 13, FENCE, "end"),
        text((axis.left_px - 8, top_px + 12), f"{HIGHEST_M:.0f} m outside", 13, anchor="end"),
        text((axis.left_px - 8, top_px + _CURVE_PX), "inside", 13, anchor="end"),
    ]
    return [*marks, *(line(stretch, TRACE, 1) for stretch in _stretches(axis, points))]


def _stretches(axis: _Axis, points: Sequence[tuple[datetime, float]]) -> Iterator[list[Point]]:
    stretch: list[Point] = []
    last: datetime | None = None
    for moment, height in points:
        if last is not None and moment - last > LONGEST_PAUSE:
            yield stretch
            stretch = []
        stretch.append((axis.at(moment), height))
        last = moment
    yield stretch


def _draw_row(axis: _Axis, corner: Point, row: Row, place: int) -> list[str]:
    """Bars from enter to exit."""
    left_px, top_px = corner
    here = [door for door in row.doors if door.place == place]
    told = sum(door.kind == "enter" and axis.began <= door.event_at <= axis.ended for door in here)
    marks = [
        text((left_px, top_px + 12), row.name, 14, row.colour),
        text((left_px, top_px + 28), f"{told} enter{'s' * (told != 1)}", 13),
        box((axis.left_px, top_px), (axis.width_px, _ROW_PX - 10), "#f6f8fa"),
    ]
    for began, ended in find_spans(here).get(place, ()):
        if began <= axis.ended and ended >= axis.began:
            at = axis.at(began)
            marks.append(box((at, top_px), (max(1.0, axis.at(ended) - at), _ROW_PX - 10), row.colour))
    return marks


def _draw_hours(axis: _Axis, top_px: float) -> list[str]:
    minutes = next(m for m in (5, 15, 30, 60, 120, 240) if (axis.ended - axis.began) / timedelta(minutes=m) <= 14)
    step = timedelta(minutes=minutes)
    midnight = axis.began.replace(hour=0, minute=0, second=0, microsecond=0)
    tick = midnight + step * -((midnight - axis.began) // step)
    marks: list[str] = []
    while tick <= axis.ended:
        marks += [line([(axis.at(tick), top_px - 6), (axis.at(tick), top_px)], "#1f2328")]
        marks += [text((axis.at(tick), top_px + 14), f"{tick:%H:%M}", 13, anchor="middle")]
        tick += step
    return marks
