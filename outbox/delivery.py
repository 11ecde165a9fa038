"""A delivery: one sealed message on its way to a person. Values only."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from ids import MemberId, ProgramId
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


class DeliveryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a delivery. `held_back`: it was not tried, which costs no attempt."""

    delivery: Delivery
    outcome: DeliveryOutcome
    at: datetime
    retry_at: datetime | None = None
    failure: str | None = None
    provider_message_id: str | None = None
    held_back: bool = False
