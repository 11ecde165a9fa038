"""A picture of a replay for somebody who sees one for the first time.

On top what it shows and the totals. Below, a map of the whole trace with its busiest places numbered, and a close-up of
each: the trace, the fence to scale, and how often each way told an enter there. At the bottom one day at one place as
three bars, one for each way: when it took the phone to be inside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.day import Row, draw_day, find_worst_day
from bench.doors import Door, Floats, find_reentries
from bench.map import FENCE, Frame, draw_frame, fit_frame, frame_around
from bench.svg import Point, box, circle, svg, text
from geo.fix import Fix
from geo.geofence import Circle

WIDTH_PX, MARGIN_PX = 1600.0, 30.0
MAP_PX, CLOSE_UP_PX = 700.0, 270.0
CLOSE_UPS = 6
# The ways in which a trace became doors, in the order of the table.
COLOURS = {"noren": "#1a7f37", "plain": "#cf222e", "last fix": "#bc4c00"}
_TOP_PX = 150.0


@dataclass(frozen=True)
class Replayed:
    """A trace, its places with the distances of all fixes from their edges, and the doors by the ways of `COLOURS`."""

    name: str
    fixes: Sequence[Fix]
    places: Sequence[Circle]
    away_m: Sequence[Floats]
    doors: Mapping[str, Sequence[Door]]


def draw(replayed: Replayed) -> str:
    place, day = find_worst_day(replayed.doors["plain"], replayed.fixes)
    busiest = _find_busiest(replayed, place)
    frame = fit_frame(replayed.fixes, replayed.places, (MARGIN_PX, _TOP_PX), MAP_PX)
    marks = [*_draw_head(replayed), *draw_frame("map", frame, replayed.fixes, replayed.places)]
    marks += _number_places(frame, replayed.places, busiest)
    for number, place in enumerate(busiest, 1):
        marks += _draw_close_up(replayed, number, place)
    bottom_px = _TOP_PX + MAP_PX + 50
    rows = [Row(way, COLOURS[way], doors) for way, doors in replayed.doors.items()]
    where = f"place {busiest.index(place) + 1}"
    within = (MARGIN_PX, bottom_px), (WIDTH_PX - 2 * MARGIN_PX, 330.0)
    marks += draw_day(where, day, replayed.fixes, replayed.away_m[place], place, rows, within)
    return svg(WIDTH_PX, bottom_px + 350, marks)


def _draw_head(replayed: Replayed) -> list[str]:
    fixes = replayed.fixes
    span = f"{fixes[0].recorded_at:%Y-%m-%d} to {fixes[-1].recorded_at:%Y-%m-%d}"
    marks = [
        text((MARGIN_PX, 42), f"Doors told on {replayed.name}", 26),
        text(
            (MARGIN_PX, 66),
            f"{len(fixes):,} fixes, {span} (UTC). Grey: where the phone said it was. "
            f"Blue: geofences ({len(replayed.places)}).",
        ),
    ]
    for number, (way, doors) in enumerate(replayed.doors.items()):
        at = MARGIN_PX + 520 * number
        told, false = sum(door.kind == "enter" for door in doors), len(find_reentries(doors))
        share = f"{false / told:.1%}" if told else "none"
        marks += [
            circle((at + 8, 95), 7, COLOURS[way]),
            text((at + 24, 100), f"{way}: enters {told}, of them {false} ({share}) within 5 min of an exit", 16),
        ]
    return [*marks, text((MARGIN_PX, _TOP_PX - 10), "The whole trace", 16)]


def _find_busiest(replayed: Replayed, among: int) -> list[int]:
    """The places where plain containment told the most enters, one given place among them."""
    told = [0] * len(replayed.places)
    for door in replayed.doors["plain"]:
        told[door.place] += door.kind == "enter"
    chosen = sorted(range(len(told)), key=lambda place: (place != among, -told[place]))[:CLOSE_UPS]
    return sorted(chosen, key=lambda place: -told[place])


def _number_places(frame: Frame, places: Sequence[Circle], busiest: Sequence[int]) -> list[str]:
    """Beside the map, with a leader to the place: the busiest lie close together."""
    marks: list[str] = []
    spots: list[Point] = []
    for number, place in enumerate(busiest, 1):
        x, y = frame.at(places[place].lat, places[place].lon)
        spot = (x + 26, y - 26)
        while any(abs(spot[0] - other[0]) < 24 and abs(spot[1] - other[1]) < 24 for other in spots):
            spot = (spot[0] + 25, spot[1])
        spots.append(spot)
        marks += [
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{spot[0]:.1f}" y2="{spot[1]:.1f}" stroke="{FENCE}"/>',
            circle(spot, 11, "#fff", FENCE),
            text((spot[0], spot[1] + 5), str(number), 14, FENCE, "middle"),
        ]
    return marks


def _draw_close_up(replayed: Replayed, number: int, place: int) -> list[str]:
    column, row = (number - 1) % 3, (number - 1) // 3
    left_px = MARGIN_PX + MAP_PX + 20 + column * (CLOSE_UP_PX + 5)
    top_px = _TOP_PX + row * (MAP_PX / 2 + 4)
    drawn = replayed.places[place]
    frame = frame_around(drawn, (left_px, top_px), CLOSE_UP_PX)
    marks = draw_frame(f"close{number}", frame, replayed.fixes, [drawn], width_px=0.8)
    marks += [
        box((left_px, top_px), (34, 26), "#fff", "#d0d7de"),
        text((left_px + 9, top_px + 19), str(number), 18, FENCE),
    ]
    for line_number, (way, doors) in enumerate(replayed.doors.items()):
        here = [door for door in doors if door.place == place]
        told, false = sum(door.kind == "enter" for door in here), len(find_reentries(here))
        at = (left_px + 16, top_px + CLOSE_UP_PX + 19 + 19 * line_number)
        marks += [circle((at[0] - 8, at[1] - 5), 5, COLOURS[way])]
        marks += [text((at[0] + 4, at[1]), f"{way}: enters {told}, of them {false} within 5 min", 14)]
    return marks
