"""Which days of the calendar would have come to a person: birthdays, staying away, joining."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import Trigger
from coupons.campaigns.timed_triggers import BirthdayTrigger, Broadcast, Joined, Lapsed
from coupons.issuing.validity import ForDays
from coupons.offers import OfferText
from ids import CampaignId, MemberId, ProgramId, StoreId
from kit.ids import new_id
from server.rehearsals.history import Consent, History, Visit
from server.rehearsals.past_events import Window, list_past_events

TOKYO = ZoneInfo("Asia/Tokyo")
WINDOW = Window(datetime(2026, 2, 10, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC))
HOME = StoreId(new_id())


def a_campaign(trigger: Trigger, store_ids: frozenset[StoreId] | None = None) -> Campaign:
    return Campaign(
        id=CampaignId(new_id()),
        program_id=ProgramId(new_id()),
        name="x",
        state="draft",
        trigger=trigger,
        store_ids=store_ids,
        starts_at=WINDOW.to_at,
        ends_at=None,
        frequency="once",
        quiet_hours=None,
        only_when_open=False,
        on_first_fix=True,
        allow_anonymous=True,
        max_event_age_s=900,
        min_trust_level=1,
        offer={"en": OfferText("a", "b")},
        coupon_validity=ForDays(7),
        cap=None,
        created_at=WINDOW.to_at,
    )


def somebody(**changes: Any) -> History:
    plain = History(
        member_id=MemberId(new_id()),
        joined_at=datetime(2025, 1, 1, tzinfo=UTC),
        verified_at=None,
        home_store_id=HOME,
        birth_month=None,
        birth_day=None,
        is_imported=False,
        brought_visits=0,
        brought_first_on=None,
        brought_last_on=None,
    )
    return msgspec.structs.replace(plain, **changes)


def came(*days: date) -> list[Visit]:
    return [
        Visit(store_id=HOME, business_day=day, first_at=datetime(day.year, day.month, day.day, 3, tzinfo=UTC), trust=3)
        for day in days
    ]


PROFILED = [Consent("profiling", True, datetime(2025, 1, 1, tzinfo=UTC))]
BIRTHDAY = {"birth_month": 2, "birth_day": 29}
AWAY = {"consents": PROFILED, "visits": came(date(2026, 1, 20), date(2026, 2, 20))}
CASES: list[tuple[Trigger, dict[str, Any], list[tuple[str, str | None]]]] = [
    (BirthdayTrigger(), BIRTHDAY, [("2026-02-28T10:00", "birthday-2026")]),
    (BirthdayTrigger(days_before=7, at="08:30"), BIRTHDAY, [("2026-02-21T08:30", "birthday-2026")]),
    (BirthdayTrigger(), {"birth_month": 7, "birth_day": 1}, []),
    (BirthdayTrigger(), {}, []),
    (Lapsed(days=25), AWAY, [("2026-02-14T10:00", "lapsed-2026-01-20")]),
    (Lapsed(days=10), AWAY, [("2026-03-02T10:00", "lapsed-2026-02-20")]),
    (Lapsed(days=40), AWAY, []),  # came back before
    (Lapsed(days=25), AWAY | {"consents": []}, []),
    (Lapsed(days=30), {"consents": PROFILED, "brought_last_on": date(2026, 1, 31)},
     [("2026-03-02T10:00", "lapsed-2026-01-31")]),
    (Joined(), {"joined_at": datetime(2026, 2, 20, 3, tzinfo=UTC)}, [("2026-02-20T12:00", "joined")]),
    (Joined(), {"joined_at": datetime(2026, 2, 20, 3, tzinfo=UTC), "is_imported": True}, []),
    (Joined(), {}, []),
    (Broadcast(), {}, [("2026-03-10T09:00", "rehearsal")]),
]  # fmt: skip


@pytest.mark.parametrize(("trigger", "person", "expected"), CASES)
def test_days_that_come(trigger: Trigger, person: dict[str, Any], expected: list[tuple[str, str | None]]) -> None:
    def come(**where: Any) -> list[tuple[str, str | None]]:
        campaign = a_campaign(trigger, **where)
        events = list_past_events(campaign, somebody(**person), TOKYO, WINDOW, counts_visits=False)
        assert all(event.time_zone == TOKYO and event.now == event.event_at for event in events)
        return [(event.event_at.astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M"), event.period_key) for event in events]

    assert come() == expected
    assert come(store_ids=frozenset([HOME])) == expected
    assert come(store_ids=frozenset([StoreId(new_id())])) == []


def test_what_was_confirmed_later_was_not_confirmed_then() -> None:
    campaign = a_campaign(BirthdayTrigger())
    for verified_at, is_verified in ((WINDOW.from_at, True), (WINDOW.to_at + timedelta(days=1), False), (None, False)):
        person = somebody(**BIRTHDAY, verified_at=verified_at)
        (event,) = list_past_events(campaign, person, TOKYO, WINDOW, counts_visits=False)
        assert event.is_verified is is_verified
