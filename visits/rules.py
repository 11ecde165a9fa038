"""What makes a visit in a program, and from which trust on a visit earns. Values only."""

import msgspec

from ids import ProgramId
from visits.trust import Trust


class VisitRules(msgspec.Struct, frozen=True):
    """What makes a visit beside a scan at a till, which always does, and which visits earn."""

    program_id: ProgramId
    """The program."""
    by_store_qr: bool = False
    """Whether members may check in with the store's QR and a fix inside its geofence."""
    by_dwell: bool = False
    """Whether staying in a store's geofence for its `dwell_s` is a visit."""
    min_trust: Trust = "low"
    """A visit that is trusted less earns no points and no stamps, until better evidence comes. Campaigns have a
    `min_trust` too.
    """
