"""The table of triggers: what it says of today's, and that one without a store needs no more than a line in it."""

import re
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any, get_args

import msgspec
import pytest
from sqlalchemy import CheckConstraint

from coupons.campaigns.campaign_triggers import Enter, NthVisit, Stamps, Trigger, Visit, read_trigger, write_settings
from coupons.campaigns.timed_triggers import Broadcast, Lapsed, TimedTrigger
from coupons.campaigns.triggers import COUNTED, TRIGGERS, TriggerEvent, TriggerKind, TriggerRule
from coupons.issuing.rules import CouponTerms, Refusal, listens
from kit.daily_hours import DailyHours
from kit.ids import new_id
from migrations.schema.campaigns import campaigns
from tests.support.campaigns import CAMPAIGN, EVENT, NEW_YORK, NOON, PLACE, STORE, TOKYO, at, decide, granted

STEPS: tuple[TriggerKind, ...] = ("enter", "exit", "dwell", "stay", "cross")
TIMED: tuple[TriggerKind, ...] = tuple(each.__struct_config__.tag for each in get_args(TimedTrigger))
EARNED: tuple[TriggerKind, ...] = ("stamps", "code", "follow_up", *TIMED)
NOON_IS_QUIET = DailyHours(time(12), time(13))
BIRTHDAY: Any = "birthday"
# 1 May in Tokyo begins here; in UTC it is 30 April, in New York too.
MIDNIGHT = datetime(2026, 4, 30, 15, tzinfo=UTC)


def test_every_trigger_has_a_rule_and_the_database_takes_it() -> None:
    texts = (str(each.sqltext) for each in campaigns.constraints if isinstance(each, CheckConstraint))
    (check,) = (text for text in texts if text.startswith("trigger IN"))
    assert (
        set(TRIGGERS)
        == set(get_args(TriggerKind))
        == {each.__struct_config__.tag for each in get_args(Trigger)}
        == set(re.findall(r"'(\w+)'", check))
    )


@pytest.mark.parametrize("trigger", [Enter(), Visit(), NthVisit(n=5), Stamps(), Lapsed(days=30), Broadcast()], ids=repr)
def test_what_is_written_is_what_was_said(trigger: Trigger) -> None:
    assert read_trigger(trigger.kind, write_settings(trigger)) == trigger


def test_decisions_are_kept_with_what_happened() -> None:
    assert {trigger: rule.recorded_with for trigger, rule in TRIGGERS.items()} == {
        **dict.fromkeys(STEPS, "transition"),
        **dict.fromkeys(("visit", *COUNTED), "visit"),
        "stamps": "stamp_card",
        **dict.fromkeys(TIMED, "run"),
        "code": "answer",
        "follow_up": "follow_up",
    }


def test_the_database_knows_which_triggers_say_themselves_how_often() -> None:
    texts = [str(each.sqltext) for each in campaigns.constraints if isinstance(each, CheckConstraint)]
    for once, allowed in (("event", "frequency = 'once'"), ("event_apart", "frequency IN ('once', 'rolling')")):
        (text,) = (text for text in texts if text.startswith(f"{allowed} OR trigger NOT IN"))
        named = set(re.findall(r"'(\w+)'", text.removeprefix(allowed)))
        assert named == {kind for kind, rule in TRIGGERS.items() if rule.once == once}


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_quiet_hours_are_no_matter_of_the_coupon(trigger: TriggerKind) -> None:
    assert judge(trigger, {"quiet_hours": NOON_IS_QUIET}) == judge(trigger, {"quiet_hours": None})


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_what_is_earned_lapses_neither_by_age_nor_at_a_closed_door(trigger: TriggerKind) -> None:
    late = judge(trigger, {}, {"event_at": at(-1000)})
    closed = decide(changed(trigger), event(trigger), msgspec.structs.replace(PLACE, is_open=False))
    if trigger in EARNED:
        assert late == closed == granted("once", at(3600), at(3600))
    else:
        assert (late, closed) == ("too_old", "store_closed")


@pytest.mark.parametrize(
    ("campaign", "happened", "outcome"),
    [
        ({"starts_at": at(0.001)}, {}, "before_start"),
        ({"ends_at": NOON}, {}, "after_end"),
        ({}, {"is_verified": False}, "not_verified"),
        ({"frequency": "daily"}, {"period_key": "card:1"}, granted("card:1", at(3600), at(3600))),
    ],
)
def test_a_full_card_is_still_asked_for_period_and_person(
    campaign: dict[str, Any], happened: dict[str, Any], outcome: object
) -> None:
    assert judge("stamps", campaign, happened) == outcome


@pytest.fixture
def birthday(monkeypatch: pytest.MonkeyPatch) -> TriggerEvent:
    """A trigger without a store, by nothing but its line in the table; and an event of it, in the member's zone."""
    rule = TriggerRule(needs_store=False, is_earned=False, recorded_with="transition", once="event")
    monkeypatch.setitem(TRIGGERS, BIRTHDAY, rule)
    return event(BIRTHDAY, store_id=None, event_at=MIDNIGHT, now=MIDNIGHT + timedelta(seconds=60), time_zone=TOKYO)


def test_an_event_without_a_store_is_decided_by_its_own_zone(birthday: TriggerEvent) -> None:
    day = changed(BIRTHDAY, frequency="daily", quiet_hours=None)
    terms = decide(day, birthday, None)
    assert terms == granted("2026-05-01", birthday.now + timedelta(hours=1), MIDNIGHT + timedelta(seconds=900))
    in_new_york = decide(day, msgspec.structs.replace(birthday, time_zone=NEW_YORK), None)
    assert isinstance(in_new_york, CouponTerms)
    assert in_new_york.period_key == "2026-04-30"
    where_no_zone_is_known = decide(day, msgspec.structs.replace(birthday, time_zone=UTC), None)
    assert isinstance(where_no_zone_is_known, CouponTerms)
    assert where_no_zone_is_known.period_key == "2026-04-30"


def test_opening_hours_ask_nothing_of_an_event_without_a_store(birthday: TriggerEvent) -> None:
    assert isinstance(decide(changed(BIRTHDAY, only_when_open=True), birthday, None), CouponTerms)


def test_a_campaign_of_some_stores_hears_of_an_event_without_one(birthday: TriggerEvent) -> None:
    assert listens(changed(BIRTHDAY, store_ids=frozenset([STORE])), birthday)
    assert not listens(changed("enter"), birthday)


def changed(trigger: TriggerKind, **changes: Any) -> Any:
    return msgspec.structs.replace(CAMPAIGN, trigger=SimpleNamespace(kind=trigger), **changes)


def event(trigger: TriggerKind, **changes: Any) -> TriggerEvent:
    return msgspec.structs.replace(EVENT, trigger=trigger, **{"member_id": new_id(), **changes})


def judge(
    trigger: TriggerKind, campaign: dict[str, Any], happened: dict[str, Any] | None = None
) -> CouponTerms | Refusal:
    return decide(changed(trigger, **campaign), event(trigger, **(happened or {})), PLACE)
