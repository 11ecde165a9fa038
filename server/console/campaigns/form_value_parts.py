"""The parts of a campaign's form that say what a coupon is worth, where it is earned, and under which rules. No I/O."""

from collections.abc import Mapping
from typing import Any

from server.console.campaigns.form_parts import Json, Shown
from server.console.campaigns.typed import Fault, Typed, require_id, shown

# Of each kind of benefit its fields: whether they are needed.
BENEFIT_FIELDS: Mapping[str, Mapping[str, bool]] = {
    "text": {},
    "percent_off": {"percent": True, "max_discount": False},
    "amount_off": {"amount": True},
    "free_item": {"quantity": False},
    "item_price": {"price": True, "quantity": False},
    "extra_points": {"points": True},
    "points_multiplied": {"times": True, "max_points": False},
    "extra_stamps": {"stamp_card": True, "quantity": False},
}
_BENEFITS = tuple(dict.fromkeys(name for fields in BENEFIT_FIELDS.values() for name in fields))
LIMITS = ("cap", "store_cap", "day_cap", "store_day_cap")
_YES_OR_NO = ("only_when_open", "on_first_fix", "allow_anonymous")


def show_benefit(body: Json) -> Shown:
    benefit = body["benefit"] or {"kind": "text"}
    return shown(
        {
            "benefit": benefit["kind"],
            **{f"benefit_{name}": benefit.get(name) for name in _BENEFITS},
            "coupon_uses": body["coupon_uses"],
        }
    )


def read_benefit(typed: Typed) -> Json:
    kind = typed.one("benefit", "text")
    if kind not in BENEFIT_FIELDS:
        raise Fault("benefit", "unknown_choice")
    benefit: dict[str, Any] = {"kind": kind}
    for name, is_needed in BENEFIT_FIELDS[kind].items():
        value: object = typed.one("benefit_stamp_card") if name == "stamp_card" else typed.number(f"benefit_{name}")
        if value in (None, ""):
            if is_needed:
                raise Fault(f"benefit_{name}", "missing")
        else:
            benefit[name] = value
    uses = typed.number("coupon_uses")
    return {"benefit": benefit, "coupon_uses": 1 if uses is None else uses}


def show_where(body: Json) -> Shown:
    named, groups = body["store_ids"] or [], body["store_groups"]
    return shown({"where": "some" if named or groups else "all", "store": named, "group": groups})


def read_where(typed: Typed, before: Json, by_code: Mapping[str, str]) -> Json:
    """`by_code`: the stores of the codes that were typed."""
    if typed.one("where") == "all":
        return {"store_ids": None, "store_groups": []}
    if typed.one("where") == "kept":  # too many to be ticked one by one
        return {"store_ids": before["store_ids"], "store_groups": before["store_groups"]}
    codes = typed.lines("store_codes")
    if unknown := [code for code in codes if code not in by_code]:
        raise Fault("store_codes", "unknown_store", text=unknown[0][:40])
    named = [require_id("store", each) for each in typed.all("store")] + [by_code[code] for code in codes]
    groups = typed.all("group")
    if not named and not groups:
        raise Fault("store", "no_store")
    return {"store_ids": sorted(set(named)) or None, "store_groups": groups}


def show_who(body: Json) -> Shown:
    return shown({"audience": body["audience_id"]})


def read_who(typed: Typed, before: Json) -> Json:
    """A campaign keeps the version of its audience until somebody asks for the newest."""
    audience_id = typed.id("audience")
    is_same = audience_id is not None and audience_id == before["audience_id"] and not typed.is_on("audience_newest")
    return {"audience_id": audience_id, "audience_version": before["audience_version"] if is_same else None}


def show_limits(body: Json) -> Shown:
    return shown({name: body[name] for name in LIMITS})


def read_limits(typed: Typed) -> Json:
    return {name: typed.number(name) for name in LIMITS}


def show_rules(body: Json) -> Shown:
    quiet = body["quiet_hours"]
    own = quiet if isinstance(quiet, dict) else {}
    return shown(
        {
            "quiet": "own" if own else "none" if quiet is None else "program",
            "quiet_start": own.get("start"),
            "quiet_end": own.get("end"),
            **{name: body[name] for name in _YES_OR_NO},
            "min_trust": body["min_trust"],
            "priority": body["priority"],
            "exclusive_group": body["exclusive_group"],
        }
    )


def read_rules(typed: Typed) -> Json:
    quiet: object = {"none": None, "program": "program"}.get(typed.one("quiet", "program"), "program")
    if typed.one("quiet") == "own":
        quiet = {"start": typed.one("quiet_start"), "end": typed.one("quiet_end")}
        if not typed.one("quiet_start") or not typed.one("quiet_end"):
            raise Fault("quiet_start", "missing")
    return {
        "quiet_hours": quiet,
        **{name: typed.is_on(name) for name in _YES_OR_NO},
        "min_trust": typed.one("min_trust", "low"),
        "priority": typed.number("priority") or 0,
        "exclusive_group": typed.one("exclusive_group") or None,
    }
