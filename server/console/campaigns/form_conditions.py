"""The part of a campaign's form that says when, where and by whom a coupon can be used. No I/O."""

from datetime import datetime, tzinfo

from coupons.redemptions.conditions import UseHours
from server.console.campaigns.form_parts import Json, Shown, read_hours_rows, show_hours_rows
from server.console.campaigns.typed import Fault, Typed, require_id, show_moment, shown


def show_conditions(body: Json, zone: tzinfo) -> Shown:
    conditions = body["conditions"] or {}
    usable_from, stores = conditions.get("usable_from"), conditions.get("store_ids")
    fields = shown(
        {
            "min_spend": conditions.get("min_spend") or None,
            "item_codes": "\n".join(conditions.get("item_codes", ())) or None,
            "categories": "\n".join(conditions.get("categories", ())) or None,
            "company": conditions.get("company", "none"),
            "company_group": conditions.get("group"),
            "use_from": None if usable_from is None else show_moment(datetime.fromisoformat(usable_from), zone),
            "use_where": "all" if stores is None else "some",
            "use_store": stores,
            "use_rank": conditions.get("ranks"),
            "usable_offline": conditions.get("usable_offline"),
        }
    )
    return fields | show_hours_rows("use_hours", conditions.get("hours", []))


def read_conditions(typed: Typed, before: Json, zone: tzinfo) -> Json:
    conditions = dict(before["conditions"] or {})
    company, usable_from = typed.one("company", "none"), conditions.get("usable_from")
    at = typed.moment("use_from", zone, None if usable_from is None else datetime.fromisoformat(usable_from))
    conditions |= {
        "min_spend": typed.number("min_spend") or 0,
        "item_codes": _lines(typed, "item_codes", conditions.get("item_codes", [])),
        "categories": _lines(typed, "categories", conditions.get("categories", [])),
        "company": company,
        "group": typed.one("company_group") or None if company == "group" else None,
        "usable_from": None if at is None else at.isoformat(),
        "hours": read_hours_rows(typed, "use_hours", conditions.get("hours", []), UseHours()),
        "store_ids": _read_stores(typed, conditions.get("store_ids")),
        "ranks": typed.all("use_rank"),
        "usable_offline": typed.is_on("usable_offline"),
    }
    return {"conditions": conditions}


def _read_stores(typed: Typed, before: list[str] | None) -> list[str] | None:
    where = typed.one("use_where", "all")
    if where == "all":
        return None
    if where == "kept":  # too many to be ticked one by one
        return before
    stores = [require_id("use_store", each) for each in typed.all("use_store")]
    if not stores:
        raise Fault("use_store", "no_use_store")
    return stores


def _lines(typed: Typed, name: str, before: list[str]) -> list[str]:
    """What was there stays where it reads the same: a code may hold a comma."""
    text = typed.one(name).replace("\r\n", "\n")
    return before if text == "\n".join(before).strip() else typed.lines(name)
