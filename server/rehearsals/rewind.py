"""A member as an audience would have seen them at an earlier moment: what the books tell, instead of what is now. Pure.

What happened (visits, purchases, points, stamps) counts up to the event, what was written (coupons, consents, ranks) up
to the moment at which it was decided: the facts of the event itself are written last (audiences/facts.sql).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

import msgspec

from audiences.facts import MemberFacts
from audiences.views import BoughtItem, HeldCoupon, MemberView, PastPurchase, PastVisit, decode_items
from members.consent import ConsentPurpose
from server.rehearsals.history import Bought, Consent, CouponLife, History, Visit


class AsOf(msgspec.Struct, frozen=True):
    """`event_at`: when it happened; `now`: when it was decided. `source_id`: of the row that tells of it."""

    event_at: datetime
    now: datetime
    source_id: UUID | None = None


class Rewound(msgspec.Struct, frozen=True):
    """Of which kinds of books there are rows to go by; of the others the facts stay as they are now."""

    visits: bool = False
    purchases: bool = False
    points: bool = False
    ranks: bool = False
    stamps: bool = False
    coupons: bool = False


def rewind(view: MemberView, history: History, books: Rewound, as_of: AsOf) -> MemberView:
    """`view`: the member as they are now."""
    facts = view.facts
    consents = _consents_at(history.consents, view, as_of.now)
    changes: dict[str, object] = {"consents": consents}
    fields: dict[str, object] = {"may_profile": _may_profile(history.consents, facts, as_of.now)}
    if books.visits:
        visits = _visits_before(history.visits, as_of.event_at)
        changes["visits"] = [PastVisit(each.store_id, each.business_day, each.first_at) for each in visits]
        fields |= _visit_facts(history, visits)
    if books.purchases:
        purchases = _purchases_before(history.purchases, as_of)
        changes["purchases"] = purchases
        fields |= {
            "purchases": len(purchases),
            "spend": sum(each.amount for each in purchases),
            "last_purchase_at": max((each.purchased_at for each in purchases), default=None),
        }
    if books.points:
        since = sum(each.points for each in history.postings if each.at >= as_of.event_at)
        fields["points"] = facts.points - since
    if books.ranks:
        fields["rank_code"] = _rank_at(history, facts, as_of.now)
    if books.stamps:
        fields["stamps"] = sum(_stamps_at(history, as_of.event_at).values())
        changes["stamps_on"] = _stamps_on_cards(history, as_of.event_at)
    if books.coupons:
        coupons = [held for each in history.coupons if (held := _coupon_at(each, as_of.now)) is not None]
        changes["coupons"] = coupons
        fields["coupons_issued"] = sum(each.is_issued for each in coupons)
        fields["coupons_used"] = sum(_uses_before(each, as_of.now) for each in history.coupons)
    return msgspec.structs.replace(view, facts=msgspec.structs.replace(facts, **fields), **changes)


def _may_profile(consents: Sequence[Consent], facts: MemberFacts, now: datetime) -> bool:
    said = _last_word(consents, "profiling", now)
    return facts.may_profile if said is None else said


def _consents_at(consents: Sequence[Consent], view: MemberView, now: datetime) -> frozenset[str]:
    words = {purpose: _last_word(consents, purpose, now) for purpose in get_args(ConsentPurpose)}
    return frozenset(
        purpose for purpose, said in words.items() if (said if said is not None else purpose in view.consents)
    )


def _last_word(consents: Sequence[Consent], purpose: str, now: datetime) -> bool | None:
    """None where nothing is written of it at all; who had not been asked yet does not consent."""
    of_purpose = [each for each in consents if each.purpose == purpose]
    if not of_purpose:
        return None
    before = [each for each in of_purpose if each.at <= now]
    return before[-1].granted if before else False


def _visits_before(visits: Sequence[Visit], event_at: datetime) -> list[Visit]:
    return [each for each in visits if each.first_at < event_at]


def _visit_facts(history: History, visits: Sequence[Visit]) -> dict[str, object]:
    firsts = [each.business_day for each in visits] + [day for day in (history.brought_first_on,) if day]
    lasts = [each.business_day for each in visits] + [day for day in (history.brought_last_on,) if day]
    return {
        "visits": len(visits) + history.brought_visits,
        "first_visit_on": min(firsts, default=None),
        "last_visit_on": max(lasts, default=None),
    }


def _purchases_before(purchases: Sequence[Bought], as_of: AsOf) -> list[PastPurchase]:
    """A purchase that was reported with the very scan is written after it was decided. Which of its lines had come back
    by then is not kept: it is as if no refund had told them.
    """
    return [
        PastPurchase(each.store_id, each.purchased_at, each.amount - refunded, refunded, _as_sold(each.items))
        for each in purchases
        for refunded in (_refunded(each, as_of.event_at),)
        if each.purchased_at < as_of.event_at
        and (each.fully_refunded_at is None or each.fully_refunded_at >= as_of.event_at)
        and (each.scan_id is None or each.scan_id != as_of.source_id)
    ]


def _as_sold(items: str) -> list[BoughtItem]:
    return [
        msgspec.structs.replace(each, returned_quantity=0, returned_amount=0) if each.returned_quantity else each
        for each in decode_items(items)
    ]


def _refunded(bought: Bought, event_at: datetime) -> int:
    return sum(amount for at, amount in zip(bought.refunded_at, bought.refunds, strict=True) if at < event_at)


def _rank_at(history: History, facts: MemberFacts, now: datetime) -> str | None:
    before = [each for each in history.rank_changes if each.at < now]
    if before:
        return before[-1].rank_code
    return history.rank_changes[0].former_rank_code if history.rank_changes else facts.rank_code


def _stamps_at(history: History, event_at: datetime) -> Counter[str]:
    return Counter(
        each.card
        for each in history.stamps
        if each.at < event_at and (each.revoked_at is None or each.revoked_at >= event_at)
    )


def _stamps_on_cards(history: History, event_at: datetime) -> dict[str, int]:
    """Read from the cards and not from the facts: there the event's own stamp stands when it is decided."""
    on_cards = _stamps_at(history, event_at + timedelta.resolution)
    for each in history.full_cards:
        if each.at < event_at:
            on_cards[each.card] -= each.stamps
    return dict(on_cards)


def _coupon_at(coupon: CouponLife, now: datetime) -> HeldCoupon | None:
    """None: it was not issued yet."""
    if coupon.issued_at >= now:
        return None
    ends = [end for at, end in zip(coupon.ended_at, coupon.ends, strict=True) if at < now]
    is_used, is_voided, has_use_left = "used" in ends, "voided" in ends, len(ends) < coupon.uses
    return HeldCoupon(
        campaign_id=coupon.campaign_id,
        expires_at=coupon.expires_at,
        is_issued="moved" not in ends and (has_use_left or is_used or is_voided),
        is_used=is_used,
        is_usable=has_use_left and (coupon.withdrawn_at is None or coupon.withdrawn_at > now),
    )


def _uses_before(coupon: CouponLife, now: datetime) -> int:
    return sum(end == "used" and at < now for at, end in zip(coupon.ended_at, coupon.ends, strict=True))
