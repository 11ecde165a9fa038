"""Stamp cards: so many visits or purchases fill a card, and a full card is a reward, once. Pure."""

from datetime import datetime
from typing import Literal

import msgspec

from ids import CampaignId, CouponId, MemberId, ProgramId, StampCardId
from points.rules import Names

StampSource = Literal["visit", "purchase"]


class StampCard(msgspec.Struct, frozen=True, kw_only=True):
    """A stamp card of a program."""

    id: StampCardId
    """The id of the card."""
    program_id: ProgramId
    """The program."""
    code: str
    """Names the card."""
    name: Names
    """The card's name, by language."""
    source: StampSource
    """What earns a stamp: a visit, or a purchase."""
    min_amount: int
    """A smaller purchase earns no stamp, nor does one that comes to 0; in minor units of the program's currency."""
    stamps_needed: int
    """How many stamps fill the card."""
    campaign_id: CampaignId | None
    """The campaign whose coupon a full card earns. Null: the full card itself is the reward."""
    created_at: datetime
    """When the card was set first."""


class Progress(msgspec.Struct, frozen=True):
    """`stamped`: all stamps that stand; `completed`: the full cards of them."""

    stamped: int
    completed: int

    def on_card(self, card: StampCard) -> int:
        return self.stamped - self.completed * card.stamps_needed


# The member, and the stamp card.
ProgressKey = tuple[MemberId, StampCardId]


class NewStamp(msgspec.Struct, frozen=True):
    """A `source_key` stamps a card once."""

    member_id: MemberId
    stamp_card_id: StampCardId
    source_key: str
    at: datetime


class CardCompletion(msgspec.Struct, frozen=True, kw_only=True):
    """`decision`: what the reward's campaign made of it, `card` where the full card itself is the reward."""

    member_id: MemberId
    stamp_card_id: StampCardId
    round: int
    completed_at: datetime
    decision: str
    coupon_id: CouponId | None


def earns_stamp(card: StampCard, source: StampSource, amount: int) -> bool:
    return card.source == source and (source == "visit" or still_earns_stamp(card, amount))


def still_earns_stamp(card: StampCard, left: int) -> bool:
    """Whether a purchase of which so much is left has its stamp. What was free, or is given back, has none."""
    return left > 0 and left >= card.min_amount


def full_rounds(card: StampCard, progress: Progress) -> range:
    """The numbers, from 1, of the cards that are full and not completed yet."""
    return range(progress.completed + 1, progress.stamped // card.stamps_needed + 1)


def may_revoke(card: StampCard, progress: Progress) -> bool:
    """A stamp of a card that is full already stays: its reward may have been used."""
    return progress.on_card(card) > 0


def reward_period(card: StampCard, round_number: int) -> str:
    """The coupon's period key: one coupon a full card."""
    return f"stamps:{card.code}:{round_number}"
