"""Which fixes of an upload are decided, and in which order. Pure.

Fixes are ordered by the device's clock. Within one upload they may come in any order: they are sorted. Across uploads
the watermark, the newest decided time, is the limit: a fix that is not newer is late and decides nothing, so a repeated
upload changes nothing.

A region event of the instant of the last fix is the exception. A phone sends it beside the fix that it came from, and
often in an upload of its own. It is no newer fix but more evidence about that one, so it is decided too, once. Within
an upload it follows the other fixes of its instant, so that one upload or two come to the same.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import lt

import msgspec

from geo.fix import Fix
from geo.matching import FenceMatch
from geo.presence import Presence

FUTURE_TOLERANCE = timedelta(seconds=60)


class FixCounts(msgspec.Struct, frozen=True):
    """What became of the fixes of one upload; each is counted once."""

    accepted: int
    late: int
    future: int
    mocked: int


def select_fixes(
    presence: Presence, fence_matches: Sequence[FenceMatch], received_at: datetime
) -> tuple[list[FenceMatch], FixCounts]:
    """The fixes that are decided, in order of their time."""
    newest, watermark = received_at + FUTURE_TOLERANCE, presence.watermark
    accepted = []
    late = future = mocked = 0
    for fence_match in fence_matches:
        fix = fence_match.fix
        if fix.mocked:
            mocked += 1
        elif fix.recorded_at > newest:
            future += 1
        elif watermark is not None and fix.recorded_at <= watermark and not _is_of_last_fix(presence, fence_match):
            late += 1
        else:
            accepted.append(fence_match)
    _sort_by_time(accepted)
    return accepted, FixCounts(len(accepted), late, future, mocked)


def _is_of_last_fix(presence: Presence, fence_match: FenceMatch) -> bool:
    """Whether it is a region event of the last fix's instant that was not weighed yet."""
    event, at = fence_match.event, fence_match.fix.recorded_at
    if event is None or at != presence.watermark or event in presence.instant.events:
        return False
    return _is_at(presence.last_fix, at) or (presence.suspect is not None and _is_at(presence.suspect.fix, at))


def _is_at(fix: Fix | None, at: datetime) -> bool:
    return fix is not None and fix.recorded_at == at


def _sort_by_time(fence_matches: list[FenceMatch]) -> None:
    times = [fence_match.fix.recorded_at for fence_match in fence_matches]
    if not all(map(lt, times, times[1:])):  # most uploads are in order already
        fence_matches.sort(key=_sort_key)


def _sort_key(fence_match: FenceMatch) -> tuple[datetime, str, str, float, float, float, bool]:
    fix, event = fence_match.fix, fence_match.event
    kind, region = ("", "") if event is None else (event.kind, event.geofence_id.hex)
    return fix.recorded_at, kind, region, fix.accuracy_m or 0.0, fix.lat, fix.lon, fix.accuracy_m is None
