"""Parts of a campaign's form: what each shows of a body, and the part of a body that it reads. No I/O.

A body is what the API takes (`CampaignReplacement`), as JSON has it. What a form cannot write is left as it was.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

import msgspec

from coupons.campaigns.event_hours import EventHours
from coupons.redemptions.conditions import UseHours
from server.console.campaigns.typed import Fault, Typed, show_moment, shown

Json = dict[str, Any]
Shown = dict[str, list[str]]

# Of each kind: the field of the form, and that of the trigger. Those of days and times may be left out.
TRIGGER_NUMBERS: Mapping[str, str] = {"trigger_minutes": "minutes", "trigger_n": "n", "trigger_days": "days"}
_NUMBERS_OF: Mapping[str, tuple[str, ...]] = {
    "stay": ("minutes",),
    "nth_visit": ("n",),
    "every_nth_visit": ("n",),
    "lapsed": ("days",),
}
_DAILY = ("birthday", "lapsed", "points_expiring", "coupon_expiring", "rank_expiring")
_REPEATS = {"once": None, "daily": "FREQ=DAILY", "weekly": "FREQ=WEEKLY", "monthly": "FREQ=MONTHLY"}
UNITS: Mapping[str, int] = {"h": 3600, "m": 60, "s": 1}
# Empty ones at the end, to be filled in.
SPARE_HOURS = 1
MAX_HOURS = 20
_HOURS_PARTS = ("weekdays", "start", "end", "holidays")


def show_trigger(trigger: Json) -> Shown:
    rule = trigger.get("rule")
    repeat = next((name for name, known in _REPEATS.items() if known == rule), "kept")
    return shown(
        {
            "trigger": trigger["kind"],
            "trigger_minutes": trigger.get("minutes"),
            "trigger_n": trigger.get("n"),
            "trigger_days": trigger.get("days"),
            "trigger_days_before": trigger.get("days_before"),
            "trigger_at": trigger.get("at"),
            "trigger_rank": trigger.get("rank"),
            "trigger_campaign": trigger.get("campaign_id"),
            "trigger_first_at": trigger.get("first_at"),
            "trigger_repeat": repeat,
            "trigger_clock": trigger.get("clock"),
        }
    )


def read_trigger(typed: Typed, before: Json) -> Json:
    kind = typed.one("trigger")
    if not kind:
        raise Fault("trigger", "missing")
    trigger: Json = dict(before) if before.get("kind") == kind else {"kind": kind}
    for name in _NUMBERS_OF.get(kind, ()):
        trigger[name] = typed.needed_number(f"trigger_{name}")
    if kind in _DAILY:
        _set(trigger, "at", typed.one("trigger_at") or None)
        if kind != "lapsed":
            _set(trigger, "days_before", typed.number("trigger_days_before"))
    if kind == "coupon_expiring":
        trigger["campaign_id"] = typed.id("trigger_campaign")
        if trigger["campaign_id"] is None:
            raise Fault("trigger_campaign", "missing")
    if kind == "rank_reached":
        trigger["rank"] = typed.one("trigger_rank") or None
    if kind == "schedule":
        _read_schedule(typed, trigger)
    return trigger


def _set(trigger: Json, name: str, value: object) -> None:
    """What is left empty gets the API's default."""
    trigger.pop(name, None)
    if value is not None:
        trigger[name] = value


def _read_schedule(typed: Typed, trigger: Json) -> None:
    first_at = typed.one("trigger_first_at")
    if not first_at:
        raise Fault("trigger_first_at", "missing")
    trigger["first_at"] = first_at
    repeat = typed.one("trigger_repeat", "once")
    if repeat in _REPEATS:
        trigger["rule"] = _REPEATS[repeat]
    trigger["clock"] = typed.one("trigger_clock", "store")


def show_hours(body: Json) -> Shown:
    return show_hours_rows("hours", body["hours"]) | shown({"except_days": "\n".join(body["except_days"]) or None})


def show_hours_rows(name: str, rows: Sequence[Json]) -> Shown:
    fields: Shown = {}
    for place, each in enumerate([*rows, *[{}] * SPARE_HOURS][:MAX_HOURS]):
        fields |= shown({f"{name}_{place}_{part}": each.get(part) for part in _HOURS_PARTS})
    return fields


def read_hours(typed: Typed, before: Json) -> Json:
    hours = read_hours_rows(typed, "hours", before["hours"], EventHours())
    return {"hours": hours, "except_days": [_read_day(line) for line in typed.lines("except_days")]}


def read_hours_rows(typed: Typed, name: str, known: Sequence[Json], plain: EventHours | UseHours) -> list[Json]:
    """`plain`: hours that bind nobody, as the API has them where nothing is said."""
    rows = []
    for place in typed.rows(f"{name}_"):
        row = _read_row(typed, f"{name}_{place}_", msgspec.to_builtins(plain))
        if row is None:
            continue
        if place < len(known) and _is_same(row, known[place]):
            row = known[place]
        rows.append(row)
    return rows


def _is_same(row: Json, known: Json) -> bool:
    return bool(row | {"weekdays": set(row["weekdays"] or ())} == known | {"weekdays": set(known["weekdays"] or ())})


def _read_row(typed: Typed, name: str, plain: Json) -> Json | None:
    weekdays = typed.all(f"{name}weekdays")
    row = {part: typed.one(f"{name}{part}") or usual for part, usual in plain.items() if part != "weekdays"}
    if (
        not weekdays
        and not any(typed.one(f"{name}{part}") for part in ("start", "end"))
        and row == ({part: usual for part, usual in plain.items() if part != "weekdays"})
    ):
        return None
    if any(day not in "1234567" or len(day) != 1 for day in weekdays):
        raise Fault(f"{name}start", "unknown_choice")
    return {"weekdays": [int(day) for day in weekdays] or None, **row}


def _read_day(line: str) -> str:
    try:
        return date.fromisoformat(line.replace("/", "-")).isoformat()
    except ValueError:
        raise Fault("except_days", "not_a_day", text=line[:40]) from None


def show_often(body: Json) -> Shown:
    span, unit = _show_span(body["cooldown_s"])
    return shown(
        {"frequency": body["frequency"], "every_days": body["every_days"], "cooldown": span, "cooldown_unit": unit}
    )


def read_often(typed: Typed) -> Json:
    frequency = typed.one("frequency", "once")
    rolling = frequency == "rolling"
    return {
        "frequency": frequency,
        "every_days": typed.needed_number("every_days") if rolling else None,
        "cooldown_s": read_span(typed, "cooldown"),
    }


def _show_span(seconds: int | None) -> tuple[int | None, str]:
    if seconds is None:
        return None, "h"
    return next((seconds // size, unit) for unit, size in UNITS.items() if seconds % size == 0)


def read_span(typed: Typed, name: str) -> int | None:
    number = typed.number(name)
    return None if number is None else number * UNITS.get(typed.one(f"{name}_unit", "h"), 3600)


def show_validity(body: Json, zone: tzinfo) -> Shown:
    until, days = body["coupon_valid_until"], body["coupon_valid_days"]
    span, unit = _show_span(body["coupon_valid_s"])
    kind = "until" if until is not None else "days" if days is not None else "span"
    return shown(
        {
            "valid": kind,
            "valid_days": days,
            "valid_span": span if kind == "span" else None,
            "valid_span_unit": unit,
            "valid_until": None if until is None else show_moment(datetime.fromisoformat(until), zone),
        }
    )


def read_validity(typed: Typed, before: Json, zone: tzinfo) -> Json:
    kind = typed.one("valid", "days")
    validity: Json = dict.fromkeys(("coupon_valid_s", "coupon_valid_days", "coupon_valid_until"))
    if kind == "until":
        at = typed.moment("valid_until", zone, _moment(before["coupon_valid_until"]))
        if at is None:
            raise Fault("valid_until", "missing")
        validity["coupon_valid_until"] = at.isoformat()
    elif kind == "span":
        validity["coupon_valid_s"] = read_span(typed, "valid_span")
        if validity["coupon_valid_s"] is None:
            raise Fault("valid_span", "missing")
    else:
        validity["coupon_valid_days"] = typed.needed_number("valid_days")
    return validity


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def show_dates(body: Json, zone: tzinfo) -> Shown:
    ends_at = _moment(body["ends_at"])
    return shown(
        {
            "starts_at": show_moment(datetime.fromisoformat(body["starts_at"]), zone),
            "ends_at": None if ends_at is None else show_moment(ends_at, zone),
        }
    )


def read_dates(typed: Typed, before: Json, zone: tzinfo) -> Json:
    starts_at = typed.moment("starts_at", zone, _moment(before["starts_at"]))
    if starts_at is None:
        raise Fault("starts_at", "missing")
    ends_at = typed.moment("ends_at", zone, _moment(before["ends_at"]))
    return {"starts_at": starts_at.isoformat(), "ends_at": None if ends_at is None else ends_at.isoformat()}
