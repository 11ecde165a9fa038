"""Whether a trigger event earns an offer: every reason against it, the periods, and the quiet hours."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coupons.campaign_triggers import Visit
from coupons.campaigns import QuietHours
from coupons.event_hours import EventHours
from coupons.offers import OfferText, choose_text
from coupons.rules import CouponTerms, Refusal, decide, is_quiet, listens, next_quiet_start
from coupons.validity import ForSeconds, UntilMoment
from kit.ids import new_id
from tests.support.campaigns import CAMPAIGN, EVENT, NEW_YORK, NOON, PLACE, STORE, TOKYO, at, granted

LONDON = ZoneInfo("Europe/London")
NIGHT = QuietHours(time(21), time(8))


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
        ({"quiet_hours": NIGHT}, {}, "granted"),
        ({"quiet_hours": QuietHours(time(12), time(13))}, {}, "quiet_hours"),
        ({"quiet_hours": QuietHours(time(11), time(12))}, {}, "granted"),
        # Judged now, not at the event's time: the phone would ring now.
        ({"quiet_hours": QuietHours(time(11), time(12))}, {"event_at": at(-60)}, "granted"),
        ({"quiet_hours": QuietHours(time(12), time(13))}, {"event_at": at(-60)}, "quiet_hours"),
        # Noon in Tokyo is the evening before in New York.
        ({"quiet_hours": QuietHours(time(12), time(13))}, {"time_zone": NEW_YORK}, "granted"),
        ({"quiet_hours": QuietHours(time(23), time(4))}, {"time_zone": NEW_YORK}, "quiet_hours"),
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
        ({"quiet_hours": QuietHours(time(12, 10), time(13))}, {}, 600),
        ({"quiet_hours": QuietHours(time(12, 10), time(13))}, {"event_at": at(-600)}, 300),
        ({"quiet_hours": QuietHours(time(11), time(12))}, {}, 900),
    ],
)
def test_a_push_is_worth_sending_until_the_first_of_three_ends(
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
    ("quiet", "wall", "expected"),
    [
        (NIGHT, time(20, 59, 59), False),
        (NIGHT, time(21), True),
        (NIGHT, time(0), True),
        (NIGHT, time(7, 59, 59), True),
        (NIGHT, time(8), False),
        (QuietHours(time(12), time(13)), time(12), True),
        (QuietHours(time(12), time(13)), time(13), False),
        (QuietHours(time(0), time(6)), time(0), True),
        (QuietHours(time(22), time(0)), time(23, 59), True),
        (QuietHours(time(22), time(0)), time(0), False),
        (QuietHours(time(9), time(9)), time(3), True),
        (QuietHours(time(9), time(9)), time(9), True),
    ],
)
def test_quiet_hours_may_run_past_midnight(quiet: QuietHours, wall: time, expected: bool) -> None:
    assert is_quiet(quiet, datetime.combine(NOON.date(), wall, TOKYO)) is expected


@pytest.mark.parametrize(
    ("quiet", "now", "zone", "start"),
    [
        (NIGHT, NOON, TOKYO, datetime(2026, 5, 1, 12, tzinfo=UTC)),
        (QuietHours(time(1), time(8)), NOON, TOKYO, datetime(2026, 5, 1, 16, tzinfo=UTC)),
        (QuietHours(time(11), time(12)), NOON, TOKYO, datetime(2026, 5, 2, 2, tzinfo=UTC)),
        # The clocks skip 02:30, and 03:00 is quiet already: rather early than late.
        (
            QuietHours(time(2, 30), time(5)),
            datetime(2026, 3, 8, 6, tzinfo=UTC),
            NEW_YORK,
            datetime(2026, 3, 8, 6, 30, tzinfo=UTC),
        ),
        # 01:30 comes twice when they go back: quiet from the first, and again from the second.
        (
            QuietHours(time(1, 30), time(5)),
            datetime(2026, 11, 1, 4, tzinfo=UTC),
            NEW_YORK,
            datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        ),
        (
            QuietHours(time(1, 30), time(1, 45)),
            datetime(2026, 11, 1, 5, 50, tzinfo=UTC),
            NEW_YORK,
            datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        ),
    ],
)
def test_the_next_quiet_hours_begin_by_the_stores_clock(
    quiet: QuietHours, now: datetime, zone: ZoneInfo, start: datetime
) -> None:
    assert next_quiet_start(quiet, now, zone) == start
    assert next_quiet_start(quiet, now, zone).tzinfo is UTC


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants naive bounds


@given(MINUTES, MINUTES, MOMENTS, st.sampled_from([TOKYO, NEW_YORK, LONDON]))
def test_no_moment_before_the_next_start_is_quiet(start: time, end: time, now: datetime, zone: ZoneInfo) -> None:
    quiet = QuietHours(start, end)
    assume(not is_quiet(quiet, now.astimezone(zone)))
    # The nights when the clocks change have examples of their own.
    assume(now.astimezone(zone).utcoffset() == (now + timedelta(hours=25)).astimezone(zone).utcoffset())
    begins = next_quiet_start(quiet, now, zone)
    assert now < begins <= now + timedelta(hours=25)
    for part in (0.001, 0.25, 0.5, 0.75, 0.999):
        between = now + (begins - now) * part
        assert not is_quiet(quiet, between.astimezone(zone)), between


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
