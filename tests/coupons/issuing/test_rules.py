"""Whether a trigger event earns an offer: every reason against it and the periods."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest

from coupons.campaigns.campaign_triggers import Visit
from coupons.campaigns.event_hours import EventHours
from coupons.issuing.rules import CouponTerms, Refusal, listens
from coupons.issuing.validity import ForSeconds, UntilMoment
from coupons.offers import OfferText, choose_text
from kit.ids import new_id
from tests.support.campaigns import CAMPAIGN, EVENT, NOON, PLACE, STORE, at, decide, granted

LONDON = ZoneInfo("Europe/London")


OF_THE_PLACE = {"is_open", "time_zone"}


def judge(campaign: dict[str, Any] | None = None, event: dict[str, Any] | None = None) -> CouponTerms | Refusal:
    """`event` holds changes of the event and of its place."""
    of_place = {name: value for name, value in (event or {}).items() if name in OF_THE_PLACE}
    of_event = {name: value for name, value in (event or {}).items() if name not in OF_THE_PLACE}
    return decide(
        msgspec.structs.replace(CAMPAIGN, **(campaign or {})),
        msgspec.structs.replace(EVENT, **of_event),
        msgspec.structs.replace(PLACE, **of_place),
    )


def test_an_ordinary_event_earns_the_offer() -> None:
    assert judge() == granted("once", at(3600), at(900))


@pytest.mark.parametrize(
    ("campaign", "event", "outcome"),
    [
        ({"starts_at": NOON}, {}, "granted"),
        ({"starts_at": at(0.001)}, {}, "before_start"),
        ({"ends_at": NOON}, {}, "after_end"),
        ({"ends_at": at(0.001)}, {}, "granted"),
        ({"ends_at": None}, {}, "granted"),
        ({}, {"event_at": at(-900)}, "granted"),
        ({}, {"event_at": at(-900.001)}, "too_old"),
        ({"starts_at": at(-10)}, {"event_at": at(-11)}, "before_start"),
        ({"ends_at": at(-10)}, {"event_at": at(-11)}, "granted"),
        ({"coupon_validity": UntilMoment(at(0.001))}, {}, "granted"),
        ({"coupon_validity": UntilMoment(NOON)}, {}, "offer_over"),
        ({}, {"is_first_fix": True}, "granted"),
        ({}, {"trust_level": 0}, "trust_too_low"),
        ({}, {"trust_level": 1}, "granted"),
        ({"min_trust_level": 4}, {"trust_level": 3}, "trust_too_low"),
        ({"min_trust_level": 4}, {"trust_level": 4}, "granted"),
        ({"min_trust_level": 0}, {"trust_level": 0}, "granted"),
        ({"min_trust_level": 5}, {}, "granted"),  # nothing but a visit has a trust
        ({}, {"is_verified": False}, "not_verified"),
        ({"allow_anonymous": True}, {"is_verified": False}, "granted"),
        ({"on_first_fix": False}, {"is_first_fix": True}, "first_fix"),
        ({"on_first_fix": False}, {}, "granted"),
        ({}, {"is_open": False}, "store_closed"),
        ({"only_when_open": False}, {"is_open": False}, "granted"),
        ({"hours": [EventHours([5])]}, {}, "granted"),
        ({"hours": [EventHours([6, 7])]}, {}, "outside_hours"),
        ({"except_days": [NOON.date()]}, {}, "outside_hours"),
        # Judged now, not at the event's time: the phone would ring now.
        # Noon in Tokyo is the evening before in New York.
    ],
)
def test_every_reason_against_it(campaign: dict[str, Any], event: dict[str, Any], outcome: str) -> None:
    found = judge(campaign, event)
    assert ("granted" if isinstance(found, CouponTerms) else found) == outcome


def test_each_reason_stands_in_the_table_above() -> None:
    (marker,) = (mark for mark in test_every_reason_against_it.pytestmark if mark.name == "parametrize")
    assert {outcome for _, _, outcome in marker.args[1]} == {*get_args(Refusal), "granted"}


@pytest.mark.parametrize(
    ("campaign", "event", "push_until_s"),
    [
        ({}, {}, 900),
        ({}, {"event_at": at(-600)}, 300),
        ({"coupon_validity": ForSeconds(60)}, {}, 60),
    ],
)
def test_a_push_is_worth_sending_until_the_first(
    campaign: dict[str, Any], event: dict[str, Any], push_until_s: int
) -> None:
    terms = judge(campaign, event)
    assert isinstance(terms, CouponTerms)
    assert terms.push_until == at(push_until_s)
    assert terms.expires_at == at(60 if "coupon_validity" in campaign else 3600), "a coupon counts from its issue"


def test_the_period_is_the_events_not_the_judgements() -> None:
    morning = datetime(2026, 5, 1, 19, tzinfo=UTC)  # 04:00 in Tokyo, when the store's day begins
    event = {"event_at": morning - timedelta(seconds=1), "now": morning + timedelta(seconds=60)}
    terms = judge({"frequency": "daily", "ends_at": None}, event)
    assert isinstance(terms, CouponTerms)
    assert (terms.period_key, terms.business_day) == ("2026-05-01", date(2026, 5, 1))


@pytest.mark.parametrize(
    ("campaign", "event", "expected"),
    [
        ({}, {}, True),
        ({"trigger": Visit()}, {}, False),
        ({"store_ids": frozenset([STORE])}, {}, True),
        ({"store_ids": frozenset([new_id()])}, {}, False),
        ({}, {"campaign_id": CAMPAIGN.id}, True),
        ({}, {"campaign_id": new_id()}, False),
        # A campaign decides on a visit once: when it first reaches the trust that the campaign asks for, or below it.
        ({"min_trust_level": 3}, {"trust_level": 4, "former_trust_level": None}, True),
        ({"min_trust_level": 3}, {"trust_level": 4, "former_trust_level": 2}, True),
        ({"min_trust_level": 3}, {"trust_level": 4, "former_trust_level": 3}, False),
        # Its stores are where the coupon of an event without a store is taken.
        ({"store_ids": frozenset([STORE])}, {"store_id": None}, True),
    ],
)
def test_which_events_a_campaign_decides_on(campaign: dict[str, Any], event: dict[str, Any], expected: bool) -> None:
    changed = msgspec.structs.replace(CAMPAIGN, **campaign)
    assert listens(changed, msgspec.structs.replace(EVENT, **event)) is expected


def test_texts_are_chosen_by_language_and_name_the_store() -> None:
    ja, en = OfferText("{store}へ", "{store}{store}"), OfferText("At {store}", "Coffee")
    assert choose_text({"ja": ja, "en": en}, "en", "Ginza") == OfferText("At Ginza", "Coffee")
    assert choose_text({"ja": ja, "en": en}, "ja", "Ginza") == OfferText("Ginzaへ", "GinzaGinza")
    assert choose_text({"ja": ja}, "en", "{store}") == OfferText("{store}へ", "{store}{store}")
    assert choose_text({"ja": ja}, "en", None) == OfferText("へ", "")
