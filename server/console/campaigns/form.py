"""A campaign's form: from a body to what its fields show, and from what is typed back to a body. No I/O.

The body is the API's own (`CampaignReplacement`), so that the API's rules judge it. What the form does not write stays
as it was, and is named beside it (`kept`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from server.campaigns.bodies import CampaignRequest
from server.campaigns.change_bodies import CampaignReplacement
from server.console.campaigns import form_message_parts as words
from server.console.campaigns import form_parts as parts
from server.console.campaigns import form_value_parts as values
from server.console.campaigns.faults import place_fault
from server.console.campaigns.form_conditions import read_conditions, show_conditions
from server.console.campaigns.form_parts import Json, Shown
from server.console.campaigns.form_steps import read_steps, show_steps
from server.console.campaigns.typed import Fault, Typed, shown


class ReadForm(msgspec.Struct, frozen=True):
    """`body` None: there are faults, by field."""

    body: CampaignReplacement | None
    faults: Mapping[str, Fault]


def blank_body(starts_at: datetime) -> Json:
    """Of a campaign that is to be written: what the API takes where nothing is said."""
    words = {"ja": {"title": "-", "body": "-"}}
    least = {"name": "-", "trigger": {"kind": "enter"}, "starts_at": starts_at, "offer": words}
    body: Json = msgspec.to_builtins(msgspec.convert(least, CampaignRequest))
    return body | {"name": "", "offer": {}, "coupon_valid_days": 7}


def show_form(body: Json, zone: tzinfo) -> Shown:
    return {
        **shown({"name": body["name"]}),
        **parts.show_trigger(body["trigger"]),
        **values.show_where(body),
        **values.show_who(body),
        **parts.show_hours(body),
        **values.show_benefit(body),
        **show_conditions(body, zone),
        **parts.show_validity(body, zone),
        **parts.show_often(body),
        **parts.show_dates(body, zone),
        **words.show_words(body),
        **show_steps(body),
        **values.show_limits(body),
        **values.show_rules(body),
    }


def read_form(typed: Typed, before: Json, zone: tzinfo, by_code: Mapping[str, str]) -> ReadForm:
    """`before`: the body that the form was shown for. Each part is read, so that all faults are told at once."""
    faults: dict[str, Fault] = {}

    def read(part: Callable[[], Json]) -> Json:
        try:
            return part()
        except Fault as fault:
            faults[fault.field] = fault
            return {}

    body: dict[str, Any] = dict(before)
    for part in (
        lambda: {"name": typed.one("name")},
        lambda: {"trigger": parts.read_trigger(typed, before["trigger"])},
        lambda: values.read_where(typed, before, by_code),
        lambda: values.read_who(typed, before),
        lambda: parts.read_hours(typed, before),
        lambda: values.read_benefit(typed),
        lambda: read_conditions(typed, before, zone),
        lambda: parts.read_validity(typed, before, zone),
        lambda: parts.read_often(typed),
        lambda: parts.read_dates(typed, before, zone),
        lambda: words.read_words(typed, before),
        lambda: read_steps(typed, before),
        lambda: values.read_limits(typed),
        lambda: values.read_rules(typed),
    ):
        body |= read(part)
    if not faults:
        try:
            return ReadForm(msgspec.convert(body, CampaignReplacement), {})
        except msgspec.ValidationError as error:
            fault = place_fault(str(error), body)
            faults[fault.field] = fault
    return ReadForm(None, faults)
