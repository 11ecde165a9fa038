"""One upload of a device, with what is needed to judge it. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from geo.crossings import CrossableFences
from geo.fix import Fix
from geo.long_stays import MinutesOf
from geo.presence import Presence
from ids import ProgramId


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """Fixes of one device, in any order.

    `crossable` is None where no fence of the program reports crossings, `minutes_of` where no campaign of it asks for
    stays of some length.
    """

    program_id: ProgramId
    presence: Presence
    fixes: Sequence[Fix]
    received_at: datetime
    crossable: CrossableFences | None = None
    minutes_of: MinutesOf | None = None
