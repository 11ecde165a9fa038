"""Cards: the credential that a member shows. Pure."""

from datetime import datetime

import msgspec

from ids import MemberId, ProgramId


class ShownCard(msgspec.Struct, frozen=True):
    """A card that a till has read."""

    member_id: MemberId
    program_id: ProgramId
    number: str


class Card(msgspec.Struct, frozen=True):
    member_id: MemberId
    program_id: ProgramId
    number: str
    issued_at: datetime
