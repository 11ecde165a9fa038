"""What somebody has typed into a form, and what is wrong with it, by field. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from uuid import UUID

import msgspec

_FIRST_YEAR, _LAST_YEAR = 2000, 2999
Fields = Mapping[str, Sequence[str]]


class Fault(Exception):
    """`word`: the name of its sentence, `values`: what fills it."""

    def __init__(self, field: str, word: str, **values: str) -> None:
        super().__init__(field, word)
        self.field, self.word, self.values = field, word, values


class Typed(msgspec.Struct, frozen=True):
    fields: Fields

    def one(self, name: str, default: str = "") -> str:
        values = self.fields.get(name)
        return values[0].strip() if values else default

    def all(self, name: str) -> list[str]:
        return [value for value in self.fields.get(name, ()) if value]

    def is_on(self, name: str) -> bool:
        """Of a checkbox."""
        return self.one(name) != ""

    def lines(self, name: str) -> list[str]:
        """One a line, or between commas."""
        text = self.one(name).replace(",", "\n").replace("、", "\n")
        return [line.strip() for line in text.splitlines() if line.strip()]

    def rows(self, prefix: str) -> list[int]:
        """The numbers of what is repeated, such as 0 of hours_0_start."""
        found = {name.removeprefix(prefix).partition("_")[0] for name in self.fields if name.startswith(prefix)}
        return sorted(int(each) for each in found if each.isascii() and each.isdigit() and len(each) < 3)

    def number(self, name: str) -> int | None:
        """As people type it: 1,000, or with wide digits. None: nothing. Raises Fault."""
        text = unicodedata.normalize("NFKC", self.one(name)).replace(",", "").replace(" ", "")
        if not text:
            return None
        if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 15:
            raise Fault(name, "not_a_number")
        return int(text)

    def needed_number(self, name: str) -> int:
        number = self.number(name)
        if number is None:
            raise Fault(name, "missing")
        return number

    def id(self, name: str) -> str | None:
        """None: none was chosen. Raises Fault."""
        text = self.one(name)
        return require_id(name, text) if text else None

    def moment(self, name: str, zone: tzinfo, known: datetime | None) -> datetime | None:
        """Of a day and a time by the clock of `zone`. `known`: what stood there before, which may be more exact than
        what the field can show. Raises Fault.
        """
        text = self.one(name)
        if not text:
            return None
        if known is not None and text == show_moment(known, zone):
            return known
        try:
            wall = datetime.fromisoformat(text)
        except ValueError:
            raise Fault(name, "not_a_moment") from None
        if not _FIRST_YEAR <= wall.year <= _LAST_YEAR:  # in the others a time zone may lead out of the calendar
            raise Fault(name, "far_moment")
        return wall if wall.tzinfo is not None else wall.replace(tzinfo=zone)


def require_id(field: str, text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Fault(field, "unknown_choice") from None


def show_moment(at: datetime, zone: tzinfo) -> str:
    """As a field of the kind datetime-local takes it."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def shown(values: Mapping[str, object]) -> dict[str, list[str]]:
    """What fields show: nothing for None, a word for yes."""
    return {name: _texts(value) for name, value in values.items()}


def _texts(value: object) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return ["yes"]
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [str(each) for each in value]
    return [str(value)]
