"""A record of a file of members to what it says: each cell by its column, all that is wrong told in words. Pure.

Who a row is about and what is money must be right, or the row is refused. Anything else that cannot be read is left
out, and told: a landline or an impossible birthday keeps nobody from moving in.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NoReturn

from imports.columns import CONSENT_COLUMNS, Headings, write_fault
from imports.imported_row import ImportedConsent, ImportedPoints, ImportedRow, ReadRow
from imports.records import Record
from imports.values import (
    UnreadableCell,
    is_shortened,
    is_written,
    mend_phone,
    plain,
    read_count,
    read_day,
    read_yes_no,
    split_cards,
)
from members.attribute_values import MIN_YEAR
from members.contact_faults import UnusableContact
from members.contacts import ContactKind, parse_contact
from members.numbers import parse_own_number, parse_plastic_card
from server.moving_in.cell_faults import CONTACT_FAULTS, SHORTENED
from server.moving_in.read_profile import ProfileReader
from server.moving_in.read_tags import read_cells_of_tags

MAX_CARDS = 20
MAX_LOTS = 24
MAX_STAMPS = 1000
_LISTED_COLUMNS = frozenset({"card_number", "phone", "email", "points", "points_expire_on", "tags"})


class _Refused(Exception):
    pass


class RowReader:
    """`ranks`: the code of each rank by what a file may call it (`imports.values.plain`, case folded)."""

    def __init__(
        self, headings: Headings, profiles: ProfileReader, ranks: Mapping[str, str], region: str, today: date
    ) -> None:
        self._places = [
            (place, column, lot)
            for place, (column, lot) in enumerate(zip(headings.columns, headings.lots, strict=True))
            if column is not None
        ]
        self._names = {headings.texts[place]: (column, lot) for place, column, lot in self._places}
        self._headings = {column: heading for heading, column in reversed(headings.taken.items())}
        self._profiles, self._ranks, self._region, self._today = profiles, ranks, region, today

    def read(self, record: Record) -> ReadRow:
        if record.fault is not None:
            return ReadRow(record.line, None, [record.fault])
        remarks: list[str] = []
        try:
            cells = record.cells
            told = self._open(cells) if isinstance(cells, dict) else self._cut(cells)
            return ReadRow(record.line, self._read(*told, remarks), remarks)
        except _Refused as refusal:
            return ReadRow(record.line, None, [str(refusal)])

    def _cut(self, cells: Sequence[str]) -> "tuple[dict[str, str], dict[str, list[tuple[int, str]]]]":
        """The texts by column; of columns that occur several times, with their numbers, in their order."""
        single: dict[str, str] = {}
        # An empty cell says that there are no tags; a key that is not there says nothing.
        several: dict[str, list[tuple[int, str]]] = {"tags": []} if "tags" in self._headings else {}
        width = len(cells)
        is_whole = is_written("".join(cells))
        for place, column, lot in self._places:
            text = cells[place].strip() if place < width else ""
            if not text:
                continue
            if not is_whole and not is_written(text):
                self._refuse(column, "take the control characters out; the file may be broken there")
            if text[0] == "=" and text[:2] == '="' and text[-1] == '"':  # how a till keeps Excel from counting
                text = text[2:-1].strip()
            if column in _LISTED_COLUMNS:
                several.setdefault(column, []).append((lot, text))
            else:
                single[column] = text
        return single, several

    def _open(self, told: Mapping[str, object]) -> "tuple[dict[str, str], dict[str, list[tuple[int, str]]]]":
        """The same of a JSON object: numbers, true and false, and lists of them stand for their texts."""
        single: dict[str, str] = {}
        several: dict[str, list[tuple[int, str]]] = {}
        for name, value in told.items():
            if name not in self._names or value is None:
                continue
            column, lot = self._names[name]
            if column == "tags":
                several.setdefault("tags", [])
            if column == "points" and isinstance(value, list):
                self._open_lots(value, several)
                continue
            text = self._write(column, value).strip()
            if not is_written(text):
                self._refuse(column, "take the control characters out")
            if text and column in _LISTED_COLUMNS:
                several.setdefault(column, []).append((lot, text))
            elif text:
                single[column] = text
        return single, several

    def _open_lots(self, lots: Sequence[object], several: "dict[str, list[tuple[int, str]]]") -> None:
        for place, lot in enumerate(lots, start=1):
            if not isinstance(lot, dict) or not {"points"} <= set(lot) <= {"points", "expire_on"}:
                self._refuse("points", 'write lots as {"points": 100, "expire_on": "2027-03-31"}')
            several.setdefault("points", []).append((place, self._write("points", lot["points"])))
            if lot.get("expire_on") is not None:
                several.setdefault("points_expire_on", []).append(
                    (place, self._write("points_expire_on", lot["expire_on"]))
                )

    def _write(self, column: str, value: object) -> str:
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        if isinstance(value, str | int | float):
            return str(value)
        if not isinstance(value, list) or not all(isinstance(each, str | int) for each in value):
            self._refuse(column, "write a text or a number")
        return ",".join(map(str, value))

    def _read(
        self, single: Mapping[str, str], several: Mapping[str, Sequence[tuple[int, str]]], remarks: list[str]
    ) -> ImportedRow:
        number, cards = self._read_identity(single, several)
        joined_on = self._read_past_day(single, "joined_on", remarks)
        first, last = (self._read_past_day(single, each, remarks) for each in ("first_visit_on", "last_visit_on"))
        if first is not None and last is not None and first > last:
            remarks.append(self._sentence("first_visit_on", "it comes after the last visit; both are left out"))
            first = last = None
        standard, own, locale = self._profiles.read(single, self._headings, remarks)
        return ImportedRow(
            number=number,
            cards=cards,
            phone=self._read_contact("phone", several, remarks),
            email=self._read_contact("email", several, remarks),
            locale=locale,
            standard=standard,
            own=own,
            consents=self._read_consents(single, remarks),
            points=self._read_points(several, remarks),
            rank=self._read_rank(single, remarks),
            rank_until=self._read_day(single, "rank_until", remarks) if "rank_until" in single else None,
            stamps=self._read_stamps(single),
            tags=self._read_tags(several, remarks),
            joined_on=joined_on,
            visits=self._read_visits(single, remarks),
            first_visit_on=first,
            last_visit_on=last,
        )

    def _read_identity(
        self, single: Mapping[str, str], several: Mapping[str, Sequence[tuple[int, str]]]
    ) -> tuple[str | None, list[str]]:
        number = None
        if "number" in single:
            number = parse_own_number(single["number"])
            if is_shortened(single["number"]):
                self._refuse("number", SHORTENED)
            if number is None:
                self._refuse("number", "write digits, letters and hyphens, 40 at most")
        cards: dict[str, None] = {}
        for _, text in several.get("card_number", ()):
            for written in split_cards(text):
                card = parse_plastic_card(written)
                if is_shortened(written):
                    self._refuse("card_number", SHORTENED)
                if card is None:
                    self._refuse("card_number", "write 8 to 20 digits or letters; several are parted by a comma")
                cards[card] = None
        if number is None and not cards:
            raise _Refused("The row says nobody's number: give the member number, or the number of a card.")
        if len(cards) > MAX_CARDS:
            self._refuse("card_number", f"give {MAX_CARDS} cards at most")
        return number, list(cards)

    def _read_contact(
        self, kind: ContactKind, several: Mapping[str, Sequence[tuple[int, str]]], remarks: list[str]
    ) -> str | None:
        """The first that can be used."""
        fault: str | None = None
        for _, text in several.get(kind, ()):
            try:
                return parse_contact(kind, mend_phone(text) if kind == "phone" else text, self._region)
            except UnusableContact as error:
                fault = fault or CONTACT_FAULTS.get(error.fault, f"no code can be sent to it ({error.fault})")
        if fault is not None:
            remarks.append(self._sentence(kind, f"{fault}; it is left out"))
        return None

    def _read_consents(self, single: Mapping[str, str], remarks: list[str]) -> list[ImportedConsent]:
        consents = []
        at = self._read_past_day(single, "consented_on", remarks)
        for column, purpose in CONSENT_COLUMNS:
            if column not in single:
                continue
            try:
                consents.append(ImportedConsent(purpose, read_yes_no(single[column]), at))
            except UnreadableCell as fault:
                remarks.append(self._sentence(column, f"{fault}; it is left out, which is no consent"))
        return consents

    def _read_points(
        self, several: Mapping[str, Sequence[tuple[int, str]]], remarks: list[str]
    ) -> list[ImportedPoints] | None:
        if "points" not in several:
            return None
        ends: dict[int, date | None] = {}
        for lot, text in several.get("points_expire_on", ()):
            try:
                ends[lot] = read_day(text)
            except UnreadableCell as fault:
                self._refuse("points_expire_on", str(fault))
        lots = []
        for lot, text in several["points"]:
            try:
                points = read_count(text)
            except UnreadableCell as fault:
                self._refuse("points", str(fault))
            end = ends.get(lot)
            if points and end is not None and end < self._today:
                remarks.append(self._sentence("points", "they have expired, and are left out"))
            elif points:
                lots.append(ImportedPoints(points, end))
        if len(lots) > MAX_LOTS:
            self._refuse("points", f"give {MAX_LOTS} lots at most")
        return lots

    def _read_rank(self, single: Mapping[str, str], remarks: list[str]) -> str | None:
        if "rank" not in single:
            return None
        rank = self._ranks.get(plain(single["rank"]).casefold())
        if rank is None:
            remarks.append(self._sentence("rank", "the program has no rank of this code or name; it is left out"))
        return rank

    def _read_stamps(self, single: Mapping[str, str]) -> int | None:
        if "stamps" not in single:
            return None
        try:
            stamps = read_count(single["stamps"])
        except UnreadableCell as fault:
            self._refuse("stamps", str(fault))
        if stamps > MAX_STAMPS:
            self._refuse("stamps", f"write {MAX_STAMPS} at most")
        return stamps

    def _read_tags(self, several: Mapping[str, Sequence[tuple[int, str]]], remarks: list[str]) -> list[str] | None:
        if "tags" not in several:
            return None
        try:
            return read_cells_of_tags(text for _, text in several["tags"])
        except UnreadableCell as fault:
            remarks.append(self._sentence("tags", f"{fault}; they are left out"))
            return None

    def _read_visits(self, single: Mapping[str, str], remarks: list[str]) -> int | None:
        if "visits" not in single:
            return None
        try:
            return read_count(single["visits"])
        except UnreadableCell as fault:
            remarks.append(self._sentence("visits", f"{fault}; it is left out"))
            return None

    def _read_past_day(self, single: Mapping[str, str], column: str, remarks: list[str]) -> date | None:
        if column not in single:
            return None
        day = self._read_day(single, column, remarks)
        if day is not None and (day > self._today or day.year < MIN_YEAR):
            remarks.append(self._sentence(column, f"it lies in the future, or before {MIN_YEAR}; it is left out"))
            return None
        return day

    def _read_day(self, single: Mapping[str, str], column: str, remarks: list[str]) -> date | None:
        try:
            return read_day(single[column])
        except UnreadableCell as fault:
            remarks.append(self._sentence(column, f"{fault}; it is left out"))
            return None

    def _sentence(self, column: str, words: str) -> str:
        return write_fault(self._headings, column, words)

    def _refuse(self, column: str, words: str) -> NoReturn:
        raise _Refused(self._sentence(column, words))
