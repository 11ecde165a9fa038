"""The cells of a file of members, as people and tills write them: days, counts, yes and no, numbers of cards. Pure.

What cannot be meant otherwise is taken; whatever is left is refused with a sentence that says how to write it.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache

MAX_COUNT = 1_000_000_000
# From the first year of the era, less one: 平成2 is 1990.
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ERAS |= {letter: _ERAS[era] for letter, era in zip("MTSHR", tuple(_ERAS), strict=True)}
_YMD = re.compile(r"(\d{4})[/.\-年](\d{1,2})[/.\-月](\d{1,2})日?")
_ERA_YMD = re.compile(r"(明治|大正|昭和|平成|令和|[MTSHR])\.?(元|\d{1,2})[/.\-年](\d{1,2})[/.\-月](\d{1,2})日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_COMPACT_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})\d{4}(\d{2})?")
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}.*$")
_DAY_OF_WEEK = re.compile(r"\([月火水木金土日]\)")
_DATE_SENTENCE = "write the day as 1990-04-01, 1990/4/1, 19900401 or 平成2年4月1日"
_MONTH_DAY = re.compile(r"(?:--)?(\d{1,2})[/\-月](\d{1,2})日?")
_COUNT = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.0*)?(?:pt|p|ポイント|点|回|個|円|stamps?|points?)?")
_SHORTENED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
# A space belongs to the number: many are printed in groups of four.
_PARTED = re.compile(r"[,;|、/]+")
_PARTED_TAGS = re.compile("[,\uff0c\u3001;\uff1b|\n]+")
_UNWRITTEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffd-\uffff]")
_EMPTY_DAYS = frozenset({"0000-00-00", "0000/00/00", "00000000", "0", "-", "なし", "無し", "未登録"})
_YES_WORDS = (
    "1 y yes true t on ok 可 はい 有 有り あり 希望 希望する 許可 許諾 同意 同意する 同意済 受信 受信する 受け取る 配信"
    " 配信する 配信可 送付可 ○ \u3007 ◯ 要"
)
_NO_WORDS = (
    "0 n no false f off ng 不可 いいえ 無 無し なし 希望しない 拒否 不許可 不同意 同意しない 未同意 受信しない"
    " 受け取らない 停止 配信停止 配信しない 配信不可 送付不可 \u00d7 ✕ x 不要"
)
_YES, _NO = frozenset(_YES_WORDS.split()), frozenset(_NO_WORDS.split())


class UnreadableCell(ValueError):
    """The message goes on after the name of the column, and says how to write it."""


def plain(text: str) -> str:
    """In one width, without spaces at its ends and in their place, one for each."""
    if text.isascii():
        return text.strip()
    return " ".join(unicodedata.normalize("NFKC", text).split())


def is_written(text: str) -> bool:
    """Whether no character of it is one that no text has: a broken file, or one that is no text, holds them."""
    return _UNWRITTEN.search(text) is None


@lru_cache(maxsize=1 << 15)
def read_day(text: str) -> date | None:
    """None for what a till writes where there is no day. A time behind it is left out. Raises UnreadableCell."""
    if len(text) == 10 and text[4] in "-/" and text[7] == text[4] and text.isascii():
        try:
            return date(int(text[:4]), int(text[5:7]), int(text[8:]))
        except ValueError:
            pass
    cell = _TIME.sub("", _DAY_OF_WEEK.sub("", plain(text)).upper()).strip()
    if cell in _EMPTY_DAYS:
        return None
    cell = cell.replace(" ", "")
    for pattern in (_YMD, _COMPACT, _COMPACT_TIME):
        if found := pattern.fullmatch(cell):
            return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _ERA_YMD.fullmatch(cell):
        year = 1 if found[2] == "元" else int(found[2])
        return _day(_ERAS[found[1]] + year, int(found[3]), int(found[4]))
    raise UnreadableCell(_DATE_SENTENCE)


def read_birthday(text: str) -> tuple[int | None, int, int] | None:
    """The year, if it is known, the month and the day. Raises UnreadableCell."""
    if found := _MONTH_DAY.fullmatch(plain(text).replace(" ", "")):
        day = _day(2000, int(found[1]), int(found[2]))  # a leap year
        return None, day.month, day.day
    born = read_day(text)
    return None if born is None else (born.year, born.month, born.day)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableCell(f"there is no such day; {_DATE_SENTENCE}") from None


def read_count(text: str) -> int:
    """A whole number that is not below zero. Raises UnreadableCell."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    found = _COUNT.fullmatch(plain(text).replace(" ", "").lower())
    if found is None:
        raise UnreadableCell("write a whole number, such as 1200")
    digits = found[2].replace(",", "").lstrip("0") or "0"
    if found[1] and digits != "0":
        raise UnreadableCell("write 0 or more: nothing below zero is taken over")
    # Thousands of digits are no number to Python.
    if len(digits) > len(str(MAX_COUNT)) or (count := int(digits)) > MAX_COUNT:
        raise UnreadableCell(f"write at most {MAX_COUNT:,}")
    return count


@lru_cache(maxsize=1 << 10)
def read_yes_no(text: str) -> bool:
    """Raises UnreadableCell."""
    word = plain(text).casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise UnreadableCell("write yes or no (はい or いいえ, 1 or 0)")


def split_cards(text: str) -> list[str]:
    """The numbers of a cell, which may hold several, as they are written."""
    return [part.strip() for part in _PARTED.split(text) if part.strip()]


def split_tags(text: str) -> list[str]:
    """The tags of a cell, as they are written. A slash belongs to a tag: 4/29 is one."""
    return [part.strip() for part in _PARTED_TAGS.split(text) if part.strip()]


def is_shortened(text: str) -> bool:
    """Whether a spreadsheet program has made 2.00E+12 of a number of thirteen digits: nobody can tell which it was."""
    return _SHORTENED.fullmatch(text) is not None


def mend_phone(text: str) -> str:
    """A Japanese number that a spreadsheet program took for an amount, with its zero again."""
    digits = text.removesuffix(".0")
    if digits.isascii() and digits.isdigit() and len(digits) in (9, 10) and digits[0] != "0":
        return "0" + digits
    return text


def read_postal_code(text: str) -> str:
    """Seven digits; leading zeros that a spreadsheet program took are put back. Raises UnreadableCell."""
    digits = plain(text).removeprefix("〒").replace("-", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 7):
        raise UnreadableCell("write the seven digits, such as 150-0001")
    return digits.zfill(7)
