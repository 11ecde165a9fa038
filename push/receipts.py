"""What is told of a message after it was handed over: by the phone, or by the provider of its channel. Values only."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from ids import CampaignId, MemberId, ProgramId
from push.latencies import Latency

# `accepted` by the provider, `delivered` to the phone or mailbox, `displayed`, `opened`, a link of it `clicked`; it
# `failed` for good, `bounced`, or its reader `complained`.
ReceiptKind = Literal["accepted", "delivered", "displayed", "opened", "clicked", "failed", "bounced", "complained"]
# These tell how somebody behaves: kept only of members who consent to profiling.
BEHAVIOUR: frozenset[ReceiptKind] = frozenset({"opened", "clicked"})
# Of what is older nobody asks any more.
OLDEST = timedelta(days=7)

# What became of a receipt. `unknown`: the member was sent no such message.
Recorded = Literal["recorded", "repeated", "no_consent", "unknown"]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`at`: by our clock, or the provider's. `member_ids`: one of them is the member who was sent it: a person and all
    who became them."""

    member_ids: tuple[MemberId, ...]
    message_id: UUID
    kind: ReceiptKind
    at: datetime
    provider_message_id: str | None = None


class SentMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that receipts may be about. `campaign_id` None: it is no campaign's. `is_timed`: it was made as soon as
    what earned its coupon was received, and neither quiet hours nor a step of follow-ups held it back."""

    member_id: MemberId
    id: UUID
    program_id: ProgramId
    channel: str
    campaign_id: CampaignId | None
    created_at: datetime
    profiling_consent: bool
    is_timed: bool


class RecordedReceipts(msgspec.Struct, frozen=True):
    """What became of each, in order; and how long the messages took that were displayed now."""

    results: list[Recorded]
    latencies: list[Latency]


class ReceiptCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages of one channel came to what, as far as phones and providers have told."""

    accepted: int = 0
    """Taken by the provider, as it told later."""
    delivered: int = 0
    """Arrived on the phone or in the mailbox."""
    displayed: int = 0
    """Shown by the phone."""
    opened: int = 0
    """Opened, of members who consent to profiling."""
    clicked: int = 0
    """Had a link followed, of members who consent to profiling."""
    failed: int = 0
    """Could not be delivered, as the provider told later."""
    bounced: int = 0
    """Came back from the mailbox."""
    complained: int = 0
    """Were reported as unwanted by their readers."""
