"""Who can have had a coupon when, by what tills asked and were told: whether two had it at once, or nobody while it
was refused. Pure.

Two clocks: what came before what is told by the monotonic one (`at_ns`); whether a hold had lapsed, by the moment that
the request itself was carried out with (`now`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from bench.chaos_coupons.history import Batch, Told

_NEVER_NS = 2**63


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One coupon that somebody wanted to have, or to have no more. `answered_ns`: _NEVER_NS where no answer came.

    `reservation`: of a reserve the one it made, where it is known; of others the one they name. A redemption by the
    coupon's code alone has none.
    """

    kind: str
    coupon: str
    asked_ns: int
    answered_ns: int
    now: datetime
    told: Told
    reservation: str | None
    held_until: datetime | None


class Uses(msgspec.Struct, frozen=True):
    """All requests about one coupon."""

    wanted: list[Request] = []
    pays: list[Request] = []
    voids: list[Request] = []


def read_uses(history: Sequence[Batch]) -> Mapping[str, Uses]:
    found: defaultdict[str, Uses] = defaultdict(Uses)
    for each in _requests(history):
        uses = found[each.coupon]
        {"reserve": uses.wanted, "redeem": uses.wanted, "pay": uses.pays, "void": uses.voids}[each.kind].append(each)
    return found


def _requests(history: Sequence[Batch]) -> Iterator[Request]:
    for batch in history:
        asked, answered = batch.asked, batch.answered
        answered_ns = _NEVER_NS if answered is None else answered.at_ns
        now = asked.now
        if now is None:  # it is about no use
            continue
        for number, coupon in enumerate(asked.coupons):
            told: Told = "unknown" if answered is None else answered.told[number]
            yield Request(
                kind="redeem",
                coupon=coupon,
                asked_ns=asked.at_ns,
                answered_ns=answered_ns,
                now=now,
                told=told,
                reservation=None,
                held_until=None,
            )
        if (use := asked.use) is not None:
            made = None if answered is None else answered.reservation
            yield Request(
                kind=use.kind,
                coupon=use.coupon,
                asked_ns=asked.at_ns,
                answered_ns=answered_ns,
                now=now,
                told="unknown" if answered is None else answered.told[0],
                reservation=made if use.kind == "reserve" else use.reservation,
                held_until=now + timedelta(seconds=use.hold_s) if use.kind == "reserve" else None,
            )


def count_double(uses: Uses) -> int:
    """Who got the coupon while somebody else certainly had it."""
    got = [each for each in uses.wanted if each.told in ("reserved", "redeemed")]
    return sum(
        any(_certainly_had(uses, first, second) for first in got if first.answered_ns < second.asked_ns)
        for second in got
    )


def count_false_refusals(uses: Uses) -> int:
    """Who was refused while nobody can have had it; and receipts that were refused though their hold stood."""
    refused = [each for each in uses.wanted if each.told == "refused"]
    others = [each for each in uses.wanted if each.told != "refused"]
    return sum(
        not any(_may_have_had(uses, first, second) for first in others if first.asked_ns < second.answered_ns)
        for second in refused
    ) + sum(_is_refused_for_nothing(uses, pay) for pay in uses.pays)


def _of(requests: Sequence[Request], holder: Request) -> Iterator[Request]:
    """Those about the reservation that `holder` made; where it is not known, none can name it."""
    return (each for each in requests if holder.reservation is not None and each.reservation == holder.reservation)


def _certainly_had(uses: Uses, holder: Request, second: Request) -> bool:
    if any(void.asked_ns < second.answered_ns for void in _of(uses.voids, holder)):
        return False
    if holder.held_until is None or holder.held_until > second.now:
        return True
    return any(pay.told == "redeemed" and pay.answered_ns < second.asked_ns for pay in _of(uses.pays, holder))


def _may_have_had(uses: Uses, holder: Request, second: Request) -> bool:
    if any(void.told == "voided" and void.answered_ns < second.asked_ns for void in _of(uses.voids, holder)):
        return False
    if holder.held_until is None or holder.held_until > second.now:
        return True
    return any(
        pay.told in ("redeemed", "unknown") and pay.asked_ns < second.answered_ns for pay in _of(uses.pays, holder)
    )


def _is_refused_for_nothing(uses: Uses, pay: Request) -> bool:
    """Its hold stood by its own clock, nobody can have voided it or taken it over by a later one, and no other receipt
    can have come first.
    """
    if pay.told != "refused":
        return False
    (holder,) = (each for each in uses.wanted if each.reservation == pay.reservation)
    assert holder.held_until is not None
    ended = (*uses.voids, *(each for each in uses.pays if each is not pay and each.told != "refused"))
    is_ended = any(each.reservation == pay.reservation and each.asked_ns < pay.answered_ns for each in ended)
    is_taken_over = any(
        each.told != "refused" and each.now >= holder.held_until and each.asked_ns < pay.answered_ns
        for each in uses.wanted
    )
    return not is_ended and not is_taken_over and holder.held_until > pay.now


def count_lost(uses: Uses, redeemed: Mapping[str, str]) -> int:
    """Receipts that were acknowledged and are not there, and ones that were voided and are. `redeemed`: the coupons
    that count as used with a receipt, by its reservation.
    """
    voided = {each.reservation for each in uses.voids if each.told == "voided"}
    maybe_voided = {each.reservation for each in uses.voids}
    paid = {each.reservation for each in uses.pays if each.told == "redeemed"}
    return sum(each not in redeemed for each in paid - maybe_voided) + sum(each in redeemed for each in voided)
