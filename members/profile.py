"""A member's profile: what changes it, and what becomes of two when two members become one. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec

from ids import MemberId, ProgramId
from members.attribute_values import Birthday, OwnValue, UnusableValue, Value, keep_own_value, keep_value
from members.attributes import STANDARD_ATTRIBUTES, Attribute, StandardAttribute, Writer

A = TypeVar("A", Attribute, StandardAttribute)

# What stands in a profile itself; the locale stands on the member, and the age follows.
FIELDS = tuple(key for key in STANDARD_ATTRIBUTES if key not in ("age", "locale"))
# What belongs together: half an address of one and half of another would be nobody's.
_UNITS: Sequence[Sequence[str]] = (
    ("name", "kana"),
    ("postal_code", "prefecture", "city"),
    *((field,) for field in FIELDS if field not in ("name", "kana", "postal_code", "prefecture", "city", "birthday")),
)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """None: unknown. `attributes` are the program's own, by their keys."""

    name: str | None = None
    kana: str | None = None
    nickname: str | None = None
    birthday: Birthday | None = None
    gender: str | None = None
    postal_code: str | None = None
    prefecture: int | None = None
    city: str | None = None
    job: str | None = None
    income_band: str | None = None
    time_zone: str | None = None
    attributes: Mapping[str, OwnValue] = msgspec.field(default_factory=dict)


class KeptProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A member's, as it is stored. `version` counts its changes; 0 before the first one."""

    member_id: MemberId
    program_id: ProgramId
    profile: Profile
    updated_at: datetime | None
    version: int


class ProfileEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written, in the form in which it is kept; None clears it. What is not named stays as it is."""

    standard: Mapping[str, Value | None]
    own: Mapping[str, OwnValue | None]


def read_edit(
    standard: Mapping[str, object],
    own: Mapping[str, object],
    attributes: Mapping[str, Attribute],
    writer: Writer,
    today: date,
) -> ProfileEdit:
    """`attributes`: the program's own, by key. Raises UnusableValue for what is unknown, may not be written by this
    writer, or has a value that it cannot have. What was removed can only be cleared.
    """
    kept: dict[str, Value | None] = {}
    for key, value in standard.items():
        attribute = _require_writable(key, STANDARD_ATTRIBUTES.get(key), writer)
        kept[key] = None if value is None else keep_value(attribute, value, today)
    kept_own: dict[str, OwnValue | None] = {}
    for key, value in own.items():
        own_attribute = _require_writable(key, attributes.get(key), writer)
        if value is not None and own_attribute.removed_at is not None:
            raise UnusableValue(key, "leave it out; the attribute has been removed")
        kept_own[key] = None if value is None else keep_own_value(own_attribute, value, today)
    return ProfileEdit(standard=kept, own=kept_own)


def _require_writable(key: str, attribute: A | None, writer: Writer) -> A:
    if attribute is None:
        raise UnusableValue(key, "leave it out; the program has no such attribute")
    if writer not in attribute.writers:
        raise UnusableValue(key, f"leave it out; it is not for the {writer} to write")
    return attribute


def apply_edit(profile: Profile, edit: ProfileEdit) -> Profile:
    """A locale is not the profile's: whoever edits one writes it to the member."""
    standard: dict[str, Any] = {key: value for key, value in edit.standard.items() if key in FIELDS}
    own = {**profile.attributes, **edit.own}
    kept = {key: value for key, value in own.items() if value is not None}
    return msgspec.structs.replace(profile, **standard, attributes=kept)


def fill_gaps(survivor: Profile, other: Profile) -> Profile:
    """The survivor's own, and of the other what the survivor lacks.

    What belongs together (name and kana, the parts of an address, a birthday and its year) is filled only where what
    both have of it is the same.
    """
    filled: dict[str, Any] = {}
    for unit in _UNITS:
        ours, theirs = ({field: getattr(each, field) for field in unit} for each in (survivor, other))
        if all(ours[field] in (None, theirs[field]) or theirs[field] is None for field in unit):
            filled |= {field: theirs[field] for field in unit if ours[field] is None}
    birthday = _fill_birthday(survivor.birthday, other.birthday)
    attributes = {**other.attributes, **survivor.attributes}
    return msgspec.structs.replace(survivor, **filled, birthday=birthday, attributes=attributes)


def _fill_birthday(ours: Birthday | None, theirs: Birthday | None) -> Birthday | None:
    if ours is None or theirs is None:
        return theirs if ours is None else ours
    is_same_day = (ours.month, ours.day) == (theirs.month, theirs.day)
    return theirs if ours.year is None and is_same_day else ours
