"""Rows of a campaign's form that come and go while it is written: steps, hours, languages. Pure."""

import re

from coupons.campaigns.follow_ups import MAX_STEPS
from server.console.campaigns.form_parts import MAX_HOURS
from server.console.campaigns.typed import Fields, Typed

_REMOVE = re.compile(r"remove_step_(\d{1,2})")
# What a button asks for: the rows, how many there may be, and what stands in a new one.
_ADDED = {
    "add_step": ("step", MAX_STEPS, {"after_unit": "d", "when": "unused", "do": "message"}),
    "add_hours": ("hours", MAX_HOURS, {"start": ""}),
    "add_use_hours": ("use_hours", MAX_HOURS, {"start": ""}),
}


def change_rows(fields: Fields, do: str) -> tuple[Fields, str]:
    """The fields with what the button asks for, and where it is new: there the focus goes."""
    typed = Typed(fields)
    if do in _ADDED:
        name, most, first = _ADDED[do]
        rows = typed.rows(f"{name}_")
        place = rows[-1] + 1 if rows else 0
        if len(rows) >= most:
            return fields, ""
        new = {f"{name}_{place}_{part}": [value] for part, value in first.items()}
        return {**fields, **new}, f"{name}_{place}"
    if removed := _REMOVE.fullmatch(do):
        return _without_step(typed, int(removed[1])), "steps"
    added = typed.one("add_language")
    if do == "add_language" and added and added not in typed.all("language"):
        return {**fields, "language": [*typed.all("language"), added]}, f"language_{added}"
    return fields, do


def _without_step(typed: Typed, place: int) -> Fields:
    """The rows below move up."""
    kept = [each for each in typed.rows("step_") if each != place]
    fields = {name: values for name, values in typed.fields.items() if re.match(r"step_\d", name) is None}
    for new, old in enumerate(kept):
        prefix = f"step_{old}_"
        for name, values in typed.fields.items():
            if name.startswith(prefix):
                fields[f"step_{new}_{name.removeprefix(prefix)}"] = values
    return fields
