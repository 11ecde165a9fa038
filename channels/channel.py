"""What carries messages away: one for each kind. `channels.sink` is the one for development."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from channels.messages import Message
from ids import MemberId, ProgramId


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel is told beside the words.

    `message_id`: the same in each attempt, so where the provider knows an idempotency key, this is it. `member_id`
    None: it goes to somebody who is no member. `attempts` includes this one. `expires_at`: from then on it is not
    worth sending. `is_essential`: a code or an alert, for which money is kept back. `may_be_out`: an earlier attempt
    may have reached somebody (`Delivery.may_be_out`).
    """

    message_id: UUID
    program_id: ProgramId
    member_id: MemberId | None
    attempts: int
    expires_at: datetime
    is_essential: bool = False
    may_be_out: bool = False


class PermanentDeliveryError(Exception):
    """The message will never arrive. `reason` is a word for the record: never the address, never the text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TransientDeliveryError(Exception):
    """It did not go now and may go later. `reason` as above. `retry_after_s`: how long the provider wants to rest.
    `may_be_out`: it may have arrived all the same, so that no other channel takes its place.
    """

    def __init__(self, reason: str, retry_after_s: float | None = None, *, may_be_out: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.may_be_out = may_be_out


class UnknownDeliveryError(Exception):
    """It may have been accepted. `reason` as above. It is never sent again: that would be twice; a receipt settles it.

    Only of a channel whose provider knows no idempotency key.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Channel(Protocol):
    async def send(self, envelope: Envelope, message: Message) -> str | None:
        """Return when the next carrier has accepted it: the provider's id of it, where it gives one.

        Raises PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError.
        """
        ...

    async def close(self) -> None: ...
