"""What is known of a member, as a page lists it: label and value of each attribute, in the page's language. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from kit.locales import Locale
from members.attribute_values import Birthday, OwnValue
from members.attributes import STANDARD_ATTRIBUTES, Attribute, Choice, Label

YES_NO: Mapping[Locale, tuple[str, str]] = {"ja": ("はい", "いいえ"), "en": ("Yes", "No")}
_LISTED = (
    "nickname", "birthday", "gender", "postal_code", "prefecture", "city", "job", "income_band", "time_zone",
)  # fmt: skip


class KnownFact(msgspec.Struct, frozen=True):
    """`value` None: unknown."""

    label: str
    value: str | None


def list_facts(
    standard: Mapping[str, object], own: Mapping[str, OwnValue], attributes: Mapping[str, Attribute], locale: Locale
) -> Sequence[KnownFact]:
    """`own`: values of the program's attributes, by key."""
    facts = [
        KnownFact(
            choose(STANDARD_ATTRIBUTES[key].label, locale, key),
            _spell(standard.get(key), STANDARD_ATTRIBUTES[key].choices, locale),
        )
        for key in _LISTED
    ]
    in_use = [each for each in attributes.values() if each.removed_at is None]
    return [
        *facts,
        *(
            KnownFact(choose(each.label, locale, each.key), _spell(own.get(each.key), each.choices, locale))
            for each in in_use
        ),
    ]


def choose(label: Label, locale: Locale, otherwise: str) -> str:
    """In the page's language, else in another one that there is."""
    return label.get(locale) or next(iter(label.values()), otherwise)


def _spell(value: object, choices: Sequence[Choice], locale: Locale) -> str | None:
    match value:
        case None:
            return None
        case Birthday():
            return "-".join(f"{part:02}" for part in (value.year, value.month, value.day) if part is not None)
        case bool():
            return YES_NO[locale][0 if value else 1]
        case list() | tuple():
            return "、".join(_label(str(each), choices, locale) for each in value) or None
        case _:
            return _label(str(value), choices, locale)


def _label(key: str, choices: Sequence[Choice], locale: Locale) -> str:
    return next((choose(each.label, locale, key) for each in choices if each.key == key), key)
