"""A delivery: one message on its way to a person. Values only."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from channels.messages import ChannelKind, Message
from ids import MemberId
from kit.sealing import Keyring

DeliveryOutcome = Literal["sent", "retryable", "failed", "expired"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One that this worker has leased; `attempts` includes this one. To a member; without one, to the staff."""

    member_id: MemberId | None
    id: UUID
    channel: ChannelKind
    sealed_message: bytes
    attempts: int
    expires_at: datetime

    def unseal(self, keyring: Keyring) -> Message:
        """Raises kit.sealing.Unsealable."""
        return msgspec.json.decode(keyring.unseal("message", self.id.bytes, self.sealed_message), type=Message)
