"""What msgspec finds wrong with a value, in plain words. Pure.

Its own sentences speak of Python's types and of regular expressions. Who fills in a form or a file reads these instead.
"""

import re
from functools import cache
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

_MAX_SHOWN = 200
_WORDS = {
    "any": "a value",
    "array": "a list",
    "bool": "true or false",
    "date": "a date such as 2026-11-21",
    "datetime": "a time such as 2026-11-21T09:00:00Z",
    "float": "a number",
    "int": "an integer",
    "null": "null",
    "object": "an object",
    "str": "a string",
    "time": "a time of day such as 09:00:00",
    "uuid": "a UUID",
}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_COUNTED = {"str": "characters", "array": "items", "object": "entries", "bytes": "bytes"}
_ONE = {"characters": "character", "items": "item", "entries": "entry", "bytes": "byte"}
_TYPE_INFO = cache(inspect.type_info)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")


class _At(NamedTuple):
    """`name`: of the place, as it is written. `of`: what msgspec knows of its type; None where that cannot be told."""

    name: str
    of: Any

    def inner(self, field: str) -> str:
        return f"{self.name}.{field}" if self.name else field


def explain(error: msgspec.DecodeError, asked: Any, whole: str = "The body") -> str:
    """A clause that names the place and says what belongs there, such as "items[0].amount must be an integer".

    `asked`: the type that was to be decoded. `whole`: what the value is called where no part of it is at fault.
    """
    what, _, at = str(error).partition(" - at `")
    if not isinstance(error, msgspec.ValidationError):
        return f"{whole} is not JSON, or not all of it"
    is_of_key, at = at.startswith("key` in `"), at.removeprefix("key` in `")
    steps = [name or (int(place) if place.isdigit() else place) for name, place in _STEP.findall(at.rstrip("`"))]
    name, of = _write(steps), _find_type(asked, steps)
    if is_of_key:
        return explain_fault(what, f"a key of {name}", _find_key_type(of))
    return explain_fault(what, name, of, whole)


def explain_fault(what: str, name: str, of: Any = None, whole: str = "The body") -> str:
    """The same for what msgspec says without the place, whose name is known."""
    for pattern, describe in _FAULTS:
        if found := pattern.match(what):
            is_about_a_field = describe in (_describe_missing, _describe_unknown)
            return describe(found, _At(name if name or is_about_a_field else whole, of))
    return f"{name or whole}: {what[:_MAX_SHOWN]}"  # in our own words, by a struct's own check


def _describe_missing(found: re.Match[str], at: _At) -> str:
    return f"{at.inner(found[1])} is missing"


def _describe_unknown(found: re.Match[str], at: _At) -> str:
    return f"{at.inner(found[1][:_MAX_SHOWN])} is not known here"


def _describe_kind(found: re.Match[str], at: _At) -> str:
    is_decimal = found[2] == "float" and "int" in found[1].split(" | ")
    return (
        f"{at.name} must be {_name_types(found[1])}, not {'a decimal number' if is_decimal else _name_types(found[2])}"
    )


def _describe_length(found: re.Match[str], at: _At) -> str:
    bound = f"{_BOUNDS[found[2]]} " if found[2] else ""
    counted = _COUNTED.get(found[1], "items")
    counted = _ONE[counted] if found[3] == "1" else counted
    return f"{at.name} must have {bound}{found[3]}{f' to {found[4]}' if found[4] else ''} {counted}"


def _describe_bound(found: re.Match[str], at: _At) -> str:
    return f"{at.name} must be {_BOUNDS[found[2]]} {found[3]}"


def _describe_form(_: re.Match[str], at: _At) -> str:
    schema = _find_schema(at.of)
    described = f": {schema['description']}" if "description" in schema else ""
    example = f", such as {schema['examples'][0]}" if schema.get("examples") else ""
    return f"{at.name} does not have the form that it needs{described}{example}"


def _describe_zone(_: re.Match[str], at: _At) -> str:
    return f"{at.name} needs a UTC offset, as in 2026-11-21T09:00:00Z"


def _describe_invalid(found: re.Match[str], at: _At) -> str:
    return f"{at.name} must be {_WORDS[found[1].lower()]}"


def _describe_choice(found: re.Match[str], at: _At) -> str:
    choices = _find_choices(at.of)
    wanted = f"must be one of {', '.join(choices)}" if choices else "is none of the values that are taken"
    return f"{at.name} {wanted}, not {found[1][:_MAX_SHOWN]}"


_KIND = r"Expected `([^`]+)`"
_FAULTS = (
    (re.compile(r"Object missing required field `(.+)`", re.DOTALL), _describe_missing),
    (re.compile(r"Object contains unknown field `(.+)`", re.DOTALL), _describe_unknown),
    (re.compile(rf"{_KIND}, got `([^`]+)`"), _describe_kind),
    (re.compile(rf"{_KIND} of (?:at least |at most )?length (?:(>=|<=) )?(\d+)(?: to (\d+))?"), _describe_length),
    (re.compile(rf"{_KIND} (>=|<=|>|<) (\S+)"), _describe_bound),
    (re.compile(rf"{_KIND} matching regex"), _describe_form),
    (re.compile(rf"{_KIND} with a timezone component"), _describe_zone),
    (re.compile(r"Invalid RFC3339 encoded (datetime|date|time)"), _describe_invalid),
    (re.compile(r"Invalid (UUID)"), _describe_invalid),
    (re.compile(r"Invalid (?:enum )?value (.+)", re.DOTALL), _describe_choice),
)


def _write(steps: list[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) or step == "..." else f".{step}" for step in steps)
    return text.replace("[...]", "[…]").removeprefix(".")


def _name_types(names: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in names.split(" | "))


def _find_choices(of: Any) -> list[str]:
    for each in _alternatives(of):
        if isinstance(each, inspect.LiteralType):
            return [str(value) for value in each.values]
        if isinstance(each, inspect.EnumType):
            return [str(member.value) for member in each.cls]
        if isinstance(each, inspect.StructType) and each.tag is not None:
            return [str(other.tag) for other in _alternatives(of) if isinstance(other, inspect.StructType)]
    return []


def _find_schema(of: Any) -> dict[str, Any]:
    if isinstance(of, inspect.UnionType):
        return next((schema for each in of.types if (schema := _find_schema(each))), {})
    if isinstance(of, inspect.Metadata):
        return {**_find_schema(of.type), **(of.extra_json_schema or {})}
    return {}


def _find_type(asked: Any, steps: list[str | int]) -> Any:
    """What msgspec knows of the type at a place; None where that cannot be told."""
    of: Any = _TYPE_INFO(asked)
    for step in steps:
        if any(isinstance(each, inspect.StructType) and each.tag_field == step for each in _alternatives(of)):
            return of
        of = next((inner for each in _alternatives(of) if (inner := _step_into(each, step)) is not None), None)
    return of


def _alternatives(of: Any) -> list[Any]:
    if isinstance(of, inspect.Metadata):
        return _alternatives(of.type)
    return [plain for each in of.types for plain in _alternatives(each)] if isinstance(of, inspect.UnionType) else [of]


def _find_key_type(of: Any) -> Any:
    return next((each.key_type for each in _alternatives(of) if isinstance(each, inspect.DictType)), None)


def _step_into(of: Any, step: str | int) -> Any:
    if isinstance(of, inspect.StructType):
        return next((field.type for field in of.fields if field.encode_name == step), None)
    if isinstance(of, inspect.DictType):
        return of.value_type
    if isinstance(of, inspect.TupleType):
        return of.item_types[step] if isinstance(step, int) and step < len(of.item_types) else None
    return getattr(of, "item_type", None)
