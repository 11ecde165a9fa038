"""A delivery: one sealed message on its way to a person. Values only."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from ids import MemberId, ProgramId
from outbox.kinds import ChannelKind

DeliveryOutcome = Literal["sent", "retryable", "failed", "expired", "unknown", "deferred", "dropped"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One that this worker has leased; `attempts` includes this one. To a member; without one, to the staff.

    `payload`: in place of the sealed message, the words of a coupon's, which are yet to be addressed. `rings_until`:
    when quiet hours begin. `counted_on`: the member's day to whose cap it counts. `quota_day`: the program's day, in
    whose quota it has its place. `attempts_refused`: of how many earlier attempts it is known that nobody got anything;
    what goes to the staff does not say.
    """

    member_id: MemberId | None
    id: UUID
    program_id: ProgramId
    channel: ChannelKind
    sealed_message: bytes | None
    attempts: int
    attempts_refused: int = 0
    expires_at: datetime
    payload: str | None = None
    rings_until: datetime | None = None
    counted_on: date | None = None
    quota_day: date | None = None
    priority: int = 0

    @property
    def may_be_out(self) -> bool:
        """An earlier attempt may have reached somebody: its answer was lost, or its worker died."""
        return self.attempts - 1 > self.attempts_refused


class DeliveryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a delivery. `held_back`: it was not tried, which costs no attempt. `is_refusal`: it will never go by
    its channel. `may_be_out`: nobody knows that it did not arrive.
    """

    delivery: Delivery
    outcome: DeliveryOutcome
    at: datetime
    retry_at: datetime | None = None
    failure: str | None = None
    provider_message_id: str | None = None
    held_back: bool = False
    is_refusal: bool = False
    may_be_out: bool = False
