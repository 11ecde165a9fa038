"""A member's profile as a form: its fields by the program's schema, what stands in them, what was changed. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from kit.locales import Locale
from members.attribute_values import OwnValue
from members.attributes import MAX_TEXT_LENGTH, STANDARD_ATTRIBUTES, Attribute, Choice
from server.console.members.known_facts import YES_NO, choose

Typed = Mapping[str, str]
# How a field is drawn; what may stand in it follows from the attribute's kind.
Look = Literal["text", "number", "date", "select", "many", "birthday"]
_LOOKS: Mapping[str, Look] = {
    "one_of": "select",
    "prefecture": "select",
    "yes_no": "select",
    "many_of": "many",
    "number": "number",
    "date": "date",
    "birthday": "birthday",
}
# The age follows from the birthday.
_ORDER = (
    "name", "kana", "nickname", "birthday", "gender", "postal_code", "prefecture", "city", "job", "income_band",
    "locale", "time_zone",
)  # fmt: skip
BIRTHDAY_PARTS = ("year", "month", "day")


class BadField(ValueError):
    """`key`: of the attribute. `kind`: what it should be."""

    def __init__(self, key: str, kind: str) -> None:
        super().__init__(key)
        self.key, self.kind = key, kind


class ProfileField(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: of the form's field; of one with several parts, what their names begin with. `most`: characters."""

    key: str
    name: str
    label: str
    kind: str
    look: Look
    choices: Sequence[tuple[str, str]]
    most: int
    is_own: bool

    @property
    def names(self) -> Sequence[str]:
        if self.look == "many":
            return [f"{self.name}.{choice}" for choice, _ in self.choices]
        return [f"{self.name}.{part}" for part in BIRTHDAY_PARTS] if self.look == "birthday" else [self.name]


def list_fields(attributes: Mapping[str, Attribute], locale: Locale) -> Sequence[ProfileField]:
    """Of what the staff may write."""
    standard = [
        _field(key, each.label, each.kind, each.choices, each.max_length, locale)
        for key in _ORDER
        if "staff" in (each := STANDARD_ATTRIBUTES[key]).writers
    ]
    own = [
        _field(each.key, each.label, each.kind, each.choices, MAX_TEXT_LENGTH, locale, is_own=True)
        for each in attributes.values()
        if each.removed_at is None and "staff" in each.writers
    ]
    return [*standard, *own]


def _field(
    key: str,
    label: Mapping[Locale, str],
    kind: str,
    choices: Sequence[Choice],
    most: int,
    locale: Locale,
    *,
    is_own: bool = False,
) -> ProfileField:
    offered = [(each.key, choose(each.label, locale, each.key)) for each in choices]
    if kind == "yes_no":
        offered = list(zip(("yes", "no"), YES_NO[locale], strict=True))
    return ProfileField(
        key=key,
        name=f"own.{key}" if is_own else key,
        label=choose(label, locale, key),
        kind=kind,
        look=_LOOKS.get(kind, "text"),
        choices=offered,
        most=most,
        is_own=is_own,
    )


def type_profile(
    fields: Sequence[ProfileField], standard: Mapping[str, object], own: Mapping[str, OwnValue]
) -> dict[str, str]:
    """What is known, as the form shows it."""
    typed: dict[str, str] = {}
    for field in fields:
        value = (own if field.is_own else standard).get(field.key)
        if field.look == "many":
            held = value if isinstance(value, list | tuple) else ()
            typed |= {f"{field.name}.{key}": "1" if key in held else "" for key, _ in field.choices}
        elif field.look == "birthday":
            parts = {part: getattr(value, part, None) for part in BIRTHDAY_PARTS}
            typed |= {f"{field.name}.{part}": "" if each is None else str(each) for part, each in parts.items()}
        elif isinstance(value, bool):
            typed[field.name] = "yes" if value else "no"
        else:
            typed[field.name] = "" if value is None else str(value)
    return typed


def find_changed(fields: Sequence[ProfileField], typed: Typed, held: Typed) -> Sequence[ProfileField]:
    return [field for field in fields if any(typed.get(name, "").strip() != held[name] for name in field.names)]


def read_change(changed: Sequence[ProfileField], typed: Typed) -> dict[str, Any]:
    """The body of the API's route: only what was changed; an emptied field is unknown again. Raises BadField."""
    standard = {field.key: _read(field, typed) for field in changed if not field.is_own}
    return {**standard, "attributes": {field.key: _read(field, typed) for field in changed if field.is_own}}


def _read(field: ProfileField, typed: Typed) -> Any:
    parts = {name.removeprefix(f"{field.name}."): typed.get(name, "").strip() for name in field.names}
    if field.look == "many":
        return [choice for choice, _ in field.choices if parts[choice]] or None
    if field.look == "birthday":
        return _read_birthday(field, parts)
    text = parts[field.name]
    if not text:
        return None
    if len(text) > field.most and field.look == "text":
        raise BadField(field.key, field.kind)
    match field.kind:
        case "yes_no":
            return {"yes": True, "no": False}.get(text, text)
        case "number":
            return _read_number(field, text)
        case "prefecture":
            return int(_read_number(field, text))
        case _:
            return text


def _read_birthday(field: ProfileField, parts: Typed) -> dict[str, int] | None:
    if not any(parts.values()):
        return None
    return {part: int(_read_number(field, text)) for part, text in parts.items() if text or part != "year"}


def _read_number(field: ProfileField, text: str) -> float:
    """As somebody types it: also full-width digits, commas and the minus of a Japanese keyboard."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace("\u2212", "-")
    try:
        number = float(plain)
        return int(number) if number.is_integer() else number
    except (ValueError, OverflowError):
        raise BadField(field.key, field.kind) from None


def spell(field: ProfileField, typed: Typed) -> str:
    """What stands in a field, for a person; empty where nothing does."""
    if field.look == "many":
        return "、".join(label for key, label in field.choices if typed[f"{field.name}.{key}"])
    if field.look == "birthday":
        return "-".join(part for name in field.names if (part := typed[name]))
    return dict(field.choices).get(typed[field.name], typed[field.name])
