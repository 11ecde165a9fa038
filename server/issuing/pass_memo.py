"""What comes out the same for many coupons of one pass is worked out once.

A broadcast gives thousands of members one coupon at one moment, and most of them have the same consents, language, zone
and quiet hours. The rules stand where they stood: here is only remembered what they have answered to the same question.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.issuing.rules import CouponTerms
from ids import CouponId, StoreId
from kit.ids import new_id
from outbox.kinds import ChannelKind
from push.governor import Defer, Drop, Matter, Recipient, Standing, Verdict, choose_channel, judge
from server.issuing.candidates import Candidate

# They stand for the ids in words that are written once. Nobody writes them: they are made anew in each process.
_SOME_PUSH: Final = new_id()
_SOME_COUPON: Final = CouponId(new_id())
_PUSH_TEXT, _COUPON_TEXT = str(_SOME_PUSH), str(_SOME_COUPON)
_encode = msgspec.json.Encoder().encode

# Of messages that are judged alike: all that a push says, but for its own id and the coupon's.
_WordsKey = tuple[str | None, StoreId | None]


class Judged(msgspec.Struct, frozen=True):
    """What the governor says of a message, by which channel it goes, and on which day of its member's it counts.

    `words`: of pushes that were judged so, by the variant and the store of their coupon.
    """

    verdict: Verdict
    channel: ChannelKind
    good_until: datetime
    counted_on: date | None
    words: dict[_WordsKey, str] = {}

    def write_push(
        self,
        candidate: Candidate,
        ids: tuple[UUID, CouponId],
        write: Callable[[UUID, CouponId], Mapping[str, object]],
    ) -> str:
        """The payload of a push in whose words nothing is its reader's own. `write`: of a push and a coupon."""
        key = None if candidate.variant is None else candidate.variant.code, candidate.event.store_id
        words = self.words.get(key)
        if words is None:
            words = self.words[key] = encode_payload(write(_SOME_PUSH, _SOME_COUPON))
        return words.replace(_PUSH_TEXT, str(ids[0])).replace(_COUPON_TEXT, str(ids[1]))


def judge_message(matter: Matter, recipient: Recipient, now: datetime, channels: tuple[ChannelKind, ...]) -> Judged:
    verdict = judge(matter, recipient, now, channels)
    good_until = verdict.good_until if isinstance(verdict, Defer) else matter.good_until
    is_sent = not isinstance(verdict, Defer | Drop)
    counted_on = now.astimezone(recipient.zone).date() if is_sent else None
    return Judged(verdict, choose_channel(recipient, channels)[0], good_until, counted_on)


class PassMemo:
    """Of one pass, whose campaigns are all of one snapshot."""

    def __init__(self) -> None:
        self._judged: dict[tuple[UUID, CouponTerms, datetime, Standing], Judged] = {}

    def judge(self, campaign: Campaign, terms: CouponTerms, recipient: Recipient, now: datetime) -> Judged:
        key = campaign.id, terms, now, recipient.standing
        judged = self._judged.get(key)
        if judged is None:
            matter = Matter(good_until=terms.push_until, ends_at=terms.expires_at, quiet_hours=campaign.quiet_hours)
            judged = self._judged[key] = judge_message(matter, recipient, now, tuple(campaign.channels))
        return judged


def encode_payload(payload: Mapping[str, object]) -> str:
    return _encode(payload).decode()
