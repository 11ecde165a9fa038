"""Cards: the credential that a member shows. Pure."""

from datetime import datetime
from uuid import UUID

import msgspec


class Card(msgspec.Struct, frozen=True):
    member_id: UUID
    program_id: UUID
    number: str
    issued_at: datetime
