"""How far each piece of evidence is trusted, and what makes it doubtful."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from ids import ScanId
from kit.database import Connection
from server.check_ins.check_in import CheckIn
from visits import visits_repository
from visits.trust import Doubt, Trust, assess_trust, is_impossible_travel

# Nobody is anywhere on earth within it: what was seen before says nothing about a journey.
_MAX_TRAVEL_TIME = timedelta(days=1)


class Assessment(msgspec.Struct, frozen=True):
    """What a piece of evidence comes to."""

    doubts: Sequence[Doubt]
    trust: Trust


async def assess_check_ins(conn: Connection, check_ins: Sequence[CheckIn]) -> dict[ScanId, Assessment]:
    """By what is known now; what comes later changes no earlier assessment."""
    seen = await visits_repository.find_other_store_evidence(
        conn, [each.visit for each in check_ins], [each.at - _MAX_TRAVEL_TIME for each in check_ins]
    )
    assessments: dict[ScanId, Assessment] = {}
    for each, elsewhere in zip(check_ins, seen, strict=True):
        doubts = list(each.doubts)
        if any(is_impossible_travel(each.at, other) for other in elsewhere):
            doubts.append("impossible_travel")
        assessments[each.id] = Assessment(doubts, assess_trust(each.kind, doubts))
    return assessments
