"""Cards: the credential that a member shows. Pure."""

from datetime import datetime

import msgspec

from ids import MemberId, ProgramId


class Card(msgspec.Struct, frozen=True):
    member_id: MemberId
    program_id: ProgramId
    number: str
    issued_at: datetime
