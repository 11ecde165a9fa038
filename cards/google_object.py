"""What we know of a loyalty object in Google Wallet: what Google took last, and when to compare again. Pure."""

from datetime import datetime
from uuid import UUID

import msgspec

from ids import MemberId, ProgramId


class GooglePass(msgspec.Struct, frozen=True, kw_only=True):
    """`synced_hash`: the fingerprint of what Google has last taken; None: nothing yet."""

    member_id: MemberId
    pass_id: UUID
    program_id: ProgramId
    synced_hash: bytes | None
    lease_until: datetime | None
    failures: int


class PollResult(msgspec.Struct, frozen=True):
    """The outcome of one poll of a leased pass."""

    leased: GooglePass
    synced_hash: bytes | None
    next_poll_at: datetime
    failures: int


class GoogleEnding(msgspec.Struct, frozen=True):
    pass_id: UUID
    lease_until: datetime
    failures: int
