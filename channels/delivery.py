"""A delivery: one message on its way to a person. Values only."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from channels.messages import Message, decode_message
from ids import MemberId, ProgramId
from kit.sealing import Keyring
from outbox.kinds import ChannelKind

DeliveryOutcome = Literal["sent", "retryable", "failed", "expired", "unknown"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One that this worker has leased; `attempts` includes this one. To a member; without one, to the staff."""

    member_id: MemberId | None
    id: UUID
    program_id: ProgramId
    channel: ChannelKind
    sealed_message: bytes
    attempts: int
    expires_at: datetime

    def unseal(self, keyring: Keyring) -> Message:
        """Raises kit.sealing.Unsealable, msgspec.DecodeError."""
        return decode_message(keyring.unseal("message", self.id.bytes, self.sealed_message))
