"""Where a member was before they came, how far each piece of evidence is trusted, and what makes it doubtful."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import msgspec

from ids import ScanId
from kit.database import Connection
from server.check_ins.check_in import CheckIn
from visits import visits_repository
from visits.trust import Doubt, SeenBefore, Trust, assess_trust, is_impossible_travel

C = TypeVar("C", bound=CheckIn)

# Nobody is anywhere on earth within it: what was seen before says nothing about a journey.
_MAX_TRAVEL_TIME = timedelta(days=1)
# Much longer than a code is good for, by whichever clock.
_A_MOMENT = timedelta(minutes=10)


class Assessment(msgspec.Struct, frozen=True):
    """What a piece of evidence comes to."""

    doubts: Sequence[Doubt]
    trust: Trust


async def look_back(conn: Connection, check_ins: Sequence[C]) -> list[C]:
    """With what is known now of where their members were; what comes later changes nothing of it."""
    found = await visits_repository.find_seen_before(
        conn,
        [each.visit for each in check_ins],
        [each.at - _MAX_TRAVEL_TIME for each in check_ins],
        [each.now - _A_MOMENT for each in check_ins],
    )
    return [
        msgspec.structs.replace(each, seen_before=seen_before)
        for each, seen_before in zip(check_ins, found, strict=True)
    ]


async def assess_check_ins(conn: Connection, check_ins: Sequence[CheckIn]) -> dict[ScanId, Assessment]:
    """By where their members were seen before, which is looked up where a check-in does not say."""
    without = [each for each in check_ins if each.seen_before is None]
    looked = [each for each in check_ins if each.seen_before is not None]
    looked += await look_back(conn, without) if without else []
    return {each.id: _assess(each, each.seen_before) for each in looked if each.seen_before is not None}


def _assess(check_in: CheckIn, seen_before: SeenBefore) -> Assessment:
    doubts = list(check_in.doubts)
    if any(is_impossible_travel(check_in.at, other) for other in seen_before.elsewhere):
        doubts.append("impossible_travel")
    return Assessment(doubts, assess_trust(check_in.kind, doubts))
