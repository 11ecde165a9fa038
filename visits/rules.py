"""What makes a visit in a program, and from which trust on a visit earns. Values only."""

import msgspec

from ids import ProgramId
from visits.trust import Trust


class VisitRules(msgspec.Struct, frozen=True):
    """Scans at a till always make visits; `by_store_qr` and `by_dwell` say what else does.

    `min_trust`: at which a visit earns points and stamps. A campaign has one of its own.
    """

    program_id: ProgramId
    by_store_qr: bool = False
    by_dwell: bool = False
    min_trust: Trust = "low"
