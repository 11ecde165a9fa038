"""How far a visit is to be trusted: what each piece of evidence proves, and what makes it doubtful. Pure.

Trust is a level. A visit's is that of the best evidence that stands on it, whatever came first; so evidence may raise
it at any time, and undoing a scan may lower it.

    high       a code that the member's phone makes anew every half minute, read by a till: phone and cashier were there
    good       the store's display, scanned with a fresh fix inside the store's fence: the code was half a minute old
    fair       the store's printed QR with such a fix: the code can be photographed, the fix can be made up
    modest     a dwell: a fix alone, but a phone that stayed
    low        a number or a picture of a card at a till: whoever knows it can show it
    doubtful   evidence that something speaks against

Where a phone says it stands can be made up by the phone, so location alone is never high. What speaks against it:

    mocked             the phone itself says that its fix was made up: nothing is left
    jump               nobody can have travelled from the phone's last fix to this one
    impossible_travel  the member was seen at another store, so far away and so shortly before or after

A jump and impossible travel take two levels each. A scan at a till never falls below `low`: a cashier saw somebody.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal, get_args

import msgspec

Trust = Literal["doubtful", "low", "modest", "fair", "good", "high"]
TillEvidence = Literal["rotating_code", "totp_code", "card_number"]
PhoneEvidence = Literal["store_qr", "rotating_store_qr", "dwell"]
EvidenceKind = Literal[TillEvidence, PhoneEvidence]
Doubt = Literal["mocked", "jump", "impossible_travel"]

# From the lowest to the highest; tables hold a level by its place here, which never changes its meaning.
TRUST_LEVELS: tuple[Trust, ...] = get_args(Trust)
TILL_EVIDENCE: frozenset[EvidenceKind] = frozenset(get_args(TillEvidence))
TRUST_OF_EVIDENCE: Mapping[EvidenceKind, Trust] = {
    "rotating_code": "high",
    "totp_code": "high",
    "rotating_store_qr": "good",
    "store_qr": "fair",
    "dwell": "modest",
    "card_number": "low",
}
_LEVELS_LOST_PER_DOUBT = 2
# An airliner's speed; a shop at either airport counts. Within a quarter of a town, clocks differ by more than ways do.
MAX_SPEED_M_S = 250.0
FREE_DISTANCE_M = 1000.0


class OtherStoreEvidence(msgspec.Struct, frozen=True):
    """The same member at another store. `distance_m` is between the two stores."""

    at: datetime
    distance_m: float


class SeenBefore(msgspec.Struct, frozen=True):
    """What is known of where a member was, as they come to a store. `is_recent`: something was recorded a moment ago,
    by whatever evidence, at whichever store, undone or not.
    """

    elsewhere: Sequence[OtherStoreEvidence]
    is_recent: bool


class TrustRise(msgspec.Struct, frozen=True):
    """A visit's trust before and after some evidence; `former` None: it made the visit."""

    former: Trust | None
    trust: Trust

    def newly_reaches(self, min_trust: Trust) -> bool:
        """Whether the visit reaches `min_trust` now and did not before."""
        return reaches(self.trust, min_trust) and not self.had_reached(min_trust)

    def had_reached(self, min_trust: Trust) -> bool:
        return self.former is not None and reaches(self.former, min_trust)


def level(trust: Trust) -> int:
    return TRUST_LEVELS.index(trust)


def reaches(trust: Trust, min_trust: Trust) -> bool:
    return level(trust) >= level(min_trust)


def assess_trust(kind: EvidenceKind, doubts: Collection[Doubt]) -> Trust:
    """What one piece of evidence comes to."""
    lowest = level("low") if kind in TILL_EVIDENCE else level("doubtful")
    if "mocked" in doubts:
        return TRUST_LEVELS[lowest]
    return TRUST_LEVELS[max(lowest, level(TRUST_OF_EVIDENCE[kind]) - _LEVELS_LOST_PER_DOUBT * len(doubts))]


def is_impossible_travel(at: datetime, elsewhere: OtherStoreEvidence) -> bool:
    reach_m = FREE_DISTANCE_M + MAX_SPEED_M_S * abs((at - elsewhere.at).total_seconds())
    return elsewhere.distance_m > reach_m


def find_trust_rises(former: Trust | None, trusts: Collection[Trust]) -> list[TrustRise | None]:
    """What each piece of evidence does to the visit's trust, one after another; None: nothing."""
    rises: list[TrustRise | None] = []
    for trust in trusts:
        if former is None or level(trust) > level(former):
            rises.append(TrustRise(former, trust))
            former = trust
        else:
            rises.append(None)
    return rises
