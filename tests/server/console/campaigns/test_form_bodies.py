"""From a campaign to its form and back: what a form shows, sent as it is, is the body that it was shown for."""

from typing import Any

import msgspec
import pytest
from hypothesis import given

from kit.clock import utc_now
from server.campaigns.change_bodies import CampaignReplacement
from server.console.campaigns.form import blank_body, read_form, show_form
from server.console.campaigns.form_view import list_kept
from server.console.campaigns.typed import Fields, Typed
from tests.support.campaign_bodies import TOKYO, bodies


def settle(body: dict[str, Any]) -> dict[str, Any]:
    """With all defaults, as a form is shown for it."""
    settled: dict[str, Any] = msgspec.to_builtins(msgspec.convert(body, CampaignReplacement))
    return settled


@given(bodies())
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(body: dict[str, Any]) -> None:
    before = settle(body)
    read = read_form(Typed(show_form(before, TOKYO)), before, TOKYO, {})
    assert read.faults == {}
    assert read.body == msgspec.convert(before, CampaignReplacement)


@given(bodies())
def test_a_form_filled_in_from_nothing_says_the_same(body: dict[str, Any]) -> None:
    """Of what it can write: the rest is told to be kept."""
    body |= {"audience_version": None, "max_event_age_s": 900}
    for messages in (body["messages"], *(step["action"].get("messages", {}) for step in body["follow_ups"])):
        for channel in ("messenger", "push_look"):
            messages.pop(channel, None)
    body["conditions"] |= {"item_codes": ["a b", "c"], "categories": []}
    body["hours"] = [row | {"weekdays": row["weekdays"] and sorted(set(row["weekdays"]))} for row in body["hours"]]
    for of, name in (*((body, name) for name in ("starts_at", "ends_at", "coupon_valid_until")),
                     (body["conditions"], "usable_from")):  # fmt: skip
        if of.get(name):
            of[name] = of[name][:16] + ":00+09:00"
    if body["trigger"]["kind"] == "schedule":
        body["trigger"] |= {"speed": {"kind": "now"}, "rule": "FREQ=WEEKLY"}
    wanted = settle(body)
    assert list_kept(wanted) == []
    read = read_form(Typed(show_form(wanted, TOKYO)), blank_body(utc_now()), TOKYO, {})
    assert read.faults == {}
    assert read.body == msgspec.convert(wanted, CampaignReplacement)


def send(**changes: Any) -> dict[str, str]:
    """The faults of a form that is good but for these."""
    before = settle(
        {
            "name": "A",
            "trigger": {"kind": "enter"},
            "starts_at": "2026-12-01T09:00:00+09:00",
            "offer": {"ja": {"title": "a", "body": "b"}},
            "coupon_valid_days": 7,
        }
    )
    shown: dict[str, list[str]] = {name: list(values) for name, values in show_form(before, TOKYO).items()}
    shown |= {name: [value] if isinstance(value, str) else value for name, value in changes.items()}
    fields: Fields = shown
    return {field: fault.word for field, fault in read_form(Typed(fields), before, TOKYO, {}).faults.items()}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": " "}, {"name": "missing"}),
        ({"name": "x" * 201}, {"name": "too_long"}),
        ({"trigger": "nonsense"}, {"trigger": "bad_form"}),
        ({"trigger": "stay"}, {"trigger_minutes": "missing"}),
        ({"trigger": "stay", "trigger_minutes": "many"}, {"trigger_minutes": "not_a_number"}),
        ({"trigger": "stay", "trigger_minutes": "1441"}, {"trigger_minutes": "too_large"}),
        ({"trigger": "nth_visit", "trigger_n": "1"}, {"trigger_n": "too_small"}),
        ({"trigger": "lapsed", "trigger_days": "3", "trigger_at": "25:00"}, {"trigger_at": "bad_form"}),
        ({"trigger": "coupon_expiring", "trigger_campaign": "x"}, {"trigger_campaign": "unknown_choice"}),
        ({"trigger": "schedule"}, {"trigger_first_at": "missing"}),
        ({"where": "some"}, {"store": "no_store"}),
        ({"where": "some", "store": "nonsense"}, {"store": "unknown_choice"}),
        ({"where": "some", "store_codes": "S1, S2"}, {"store_codes": "unknown_store"}),
        ({"hours_0_weekdays": ["9"]}, {"hours_0_start": "unknown_choice"}),
        ({"hours_0_start": "x"}, {"hours_0_start": "bad_form"}),
        ({"except_days": "tomorrow"}, {"except_days": "not_a_day"}),
        ({"benefit": "gift"}, {"benefit": "unknown_choice"}),
        ({"benefit": "percent_off"}, {"benefit_percent": "missing"}),
        ({"benefit": "percent_off", "benefit_percent": "101"}, {"benefit_percent": "too_large"}),
        ({"benefit": "amount_off", "benefit_amount": "-5"}, {"benefit_amount": "too_small"}),
        ({"min_spend": "1e3"}, {"min_spend": "not_a_number"}),
        ({"coupon_uses": "0"}, {"coupon_uses": "too_small"}),
        ({"valid": "days", "valid_days": ""}, {"valid_days": "missing"}),
        ({"valid": "until", "valid_until": "soon"}, {"valid_until": "not_a_moment"}),
        ({"valid": "span", "valid_span": "1", "valid_span_unit": "s"}, {"valid_span": "too_small"}),
        ({"frequency": "rolling"}, {"every_days": "missing"}),
        ({"starts_at": ""}, {"starts_at": "missing"}),
        ({"starts_at": "0001-01-01T00:00"}, {"starts_at": "far_moment"}),
        ({"ends_at": "9999-12-31T23:59-12:00"}, {"ends_at": "far_moment"}),
        ({"offer_ja_title": "", "offer_ja_body": ""}, {"offer_ja_title": "missing"}),
        ({"offer_ja_body": ""}, {"offer_ja_body": "missing"}),
        ({"offer_en_title": "t" * 101, "offer_en_body": "x"}, {"offer_en_title": "too_long"}),
        ({"push_en_title": "only a title"}, {"push_en_body": "missing"}),
        ({"link": "javascript://x"}, {"link": "bad_form"}),
        ({"channel_1": "pigeon"}, {"channel_1": "bad_form"}),
        ({"cap": "-1"}, {"cap": "too_small"}),
        ({"priority": "1001"}, {"priority": "too_large"}),
        ({"quiet": "own"}, {"quiet_start": "missing"}),
        ({"audience": "nonsense"}, {"audience": "unknown_choice"}),
        ({"use_where": "some"}, {"use_store": "no_use_store"}),
        ({"use_hours_0_start": "25:00"}, {"use_hours_0_start": "bad_form"}),
        ({"step_0_after": "", "step_0_when": "used"}, {"step_0_after": "missing"}),
        ({"step_0_after": "1", "step_0_when": "used"}, {"step_0_ja_title": "missing"}),
        ({"step_0_after": "1", "step_0_when": "used", "step_0_do": "offer"}, {"step_0_campaign": "missing"}),
        ({"step_0_after": "367", "step_0_when": "used", "step_0_en_title": "x", "step_0_en_body": "x"},
         {"step_0_after": "too_large"}),
        ({"step_0_after": "1", "step_0_when": "never", "step_0_en_title": "x", "step_0_en_body": "x"},
         {"step_0_when": "bad_form"}),
        ({"step_0_after": "1", "step_0_when": "used", "step_0_en_title": "x"}, {"step_0_en_body": "missing"}),
        ({"cap": "x", "valid_days": "y"}, {"cap": "not_a_number", "valid_days": "not_a_number"}),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(changes: dict[str, Any], fault: dict[str, str]) -> None:
    assert send(**changes) == fault


def test_numbers_are_read_as_people_type_them() -> None:
    typed = Typed({"cap": ["\uff11,\uff10\uff10\uff10"]})
    assert typed.number("cap") == 1000


def test_no_typed_thing_is_a_surprise() -> None:
    """Whatever a form that none of ours would send holds."""
    before = blank_body(utc_now())
    for nonsense in (
        {},
        {"store": ["\x01"]},
        {"hours_99_start": ["1"]},
        {"valid_span_unit": ["x"], "valid_span": ["5"]},
    ):
        assert read_form(Typed(nonsense), before, TOKYO, {}).body is None
