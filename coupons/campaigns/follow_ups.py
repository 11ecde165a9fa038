"""Follow-up steps: what comes after a campaign's coupon, one step after another. Pure.

A step is looked at once, when its time has come: then what it asks of the member holds or not, and it is done or passed
over. The next one waits from there. Whose coupon it is keeps the steps of the version that issued it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from coupons.campaigns.message_texts import MessageTexts, PushTexts
from coupons.issuing.validity import ForDays, ForSeconds, Validity
from ids import CampaignId

MAX_STEPS: Final = 10
MAX_WAIT_H: Final = 366 * 24
# So long after its time a message still says something that is true.
MESSAGE_GOOD_FOR: Final = timedelta(days=3)

# `unused`, `used`: no use of the coupon has been made at a till, or one has. `not_back`, `back`: no visit on a later
# day than the coupon's, or one.
When = Literal["unused", "used", "not_back", "back"]
# What became of a step. `unknown`: the member does not let visits be counted for such a purpose.
StepOutcome = Literal["followed_up", "not_so", "not_so_unknown", "follow_up_over"]


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class SendMessage(_Told, frozen=True, tag_field="kind", tag="message"):
    """A message about the coupon."""

    text: PushTexts
    """The words of the push by language (BCP 47)."""
    messages: MessageTexts = MessageTexts()
    """The words of the other channels. Without `push`, `link` and `push_look`, which are the campaign's."""


class GiveOffer(_Told, frozen=True, tag_field="kind", tag="offer"):
    """The offer of another campaign, of the trigger `follow_up`. It decides by its own rules."""

    campaign_id: CampaignId
    """The campaign."""


Action: TypeAlias = SendMessage | GiveOffer


class FollowUpStep(_Told, frozen=True, kw_only=True):
    """A step: after its wait it is looked at once."""

    after_hours: Annotated[int, msgspec.Meta(ge=1, le=MAX_WAIT_H, examples=[120])]
    """How many hours after the step before was due; of the first, after the coupon was issued. 120 are five days."""
    when: When
    """What must hold then: the coupon is `unused` or `used`, the member is `not_back` or `back` (a visit on a later day
    than the coupon's). Where it does not, the step is passed over."""
    action: Action
    """What is done: a `message`, or the `offer` of another campaign."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of coupon and member as a step is looked at. `is_back` None: visits may not be asked for.

    `is_over`: the coupon is not theirs any more, or was withdrawn, voided or undone.
    """

    is_used: bool
    is_usable: bool
    is_back: bool | None
    is_over: bool = False


def holds(step: FollowUpStep, standing: Standing) -> bool | None:
    """Whether the step is to be done; None: nobody may know. A reminder of what cannot be used any more is not."""
    if step.when == "used":
        return standing.is_used
    if step.when == "unused":
        is_reminder = isinstance(step.action, SendMessage)
        return not standing.is_used and (standing.is_usable or not is_reminder)
    if standing.is_back is None:
        return None
    return standing.is_back == (step.when == "back")


def due_after(step: FollowUpStep, before: datetime) -> datetime:
    """When it is due: `before` was the step before it, or the coupon's issue."""
    return before + timedelta(hours=step.after_hours)


def offered_by(steps: Sequence[FollowUpStep]) -> set[CampaignId]:
    return {step.action.campaign_id for step in steps if isinstance(step.action, GiveOffer)}


def find_late_reminder(steps: Sequence[FollowUpStep], validity: Validity) -> int | None:
    """The place of a reminder that comes when no coupon can be used any more. None: there is none that one knows."""
    if isinstance(validity, ForSeconds):
        good_for = timedelta(seconds=validity.seconds)
    elif isinstance(validity, ForDays):
        good_for = timedelta(days=validity.days)
    else:
        return None
    waited = timedelta()
    for place, step in enumerate(steps):
        waited += timedelta(hours=step.after_hours)
        if step.when == "unused" and isinstance(step.action, SendMessage) and waited >= good_for:
            return place
    return None


def find_loop(start: CampaignId, offers: Mapping[CampaignId, set[CampaignId]]) -> list[CampaignId] | None:
    """The way from a campaign back to itself, over what each offers. None: there is none."""
    ways = [[start]]
    seen: set[CampaignId] = set()
    while ways:
        way = ways.pop()
        for offered in sorted(offers.get(way[-1], ())):
            if offered == start:
                return [*way, start]
            if offered not in seen:
                seen.add(offered)
                ways.append([*way, offered])
    return None


_STEPS = msgspec.json.Decoder(tuple[FollowUpStep, ...])


def read_steps(written: str) -> tuple[FollowUpStep, ...]:
    """As the database has them."""
    return _STEPS.decode(written)
