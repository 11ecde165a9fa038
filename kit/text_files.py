"""A text file as people save it from a spreadsheet program: its encoding and delimiter, told by its content. Pure."""

import codecs
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

Encoding = Literal["UTF-8", "UTF-16", "Shift_JIS"]
# Shift_JIS as Windows writes it.
CODECS: dict[Encoding, str] = {"UTF-8": "utf-8-sig", "UTF-16": "utf-16", "Shift_JIS": "cp932"}
# What goes into a spreadsheet program must say that it is UTF-8, or Japanese names come out broken.
BYTE_ORDER_MARK = "\ufeff"
_UTF_8_MARK = codecs.BOM_UTF8
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # Excel's "Unicode text"
# Bytes that begin a kanji in Shift_JIS, and are quotation marks, dashes and accented letters in Western encodings.
_WESTERN_LEADS = frozenset([*b"\x80\x84\x85\x8a\x8c\x8e\x99\x9a\x9c\x9e\x9f", *range(0x91, 0x98), *range(0xE0, 0xFD)])
# So many characters say whether it is Japanese; to look at every one of a large file takes half a minute.
_JUDGED = 100_000
_IGNORED = re.compile(r"[\s_\-・/]|\(.*?\)|\[.*?\]|【.*?】")


class UnreadableText(ValueError):
    """The file as a whole cannot be read; the message says what to do."""


class EncodingTeller:
    """Is fed with a file from its beginning, piece by piece, and keeps none of it."""

    def __init__(self) -> None:
        self._head = b""
        self._utf_8 = _Attempt("utf-8-sig")
        self._utf_16 = _Attempt("utf-16")
        self._shift_jis = _Attempt("cp932")
        self._judged: list[str] = []

    def feed(self, piece: bytes) -> None:
        self._head = (self._head + piece[:4])[:4]
        if self._head.startswith(_UTF_16_MARKS):
            self._utf_16.feed(piece)
            return
        self._utf_8.feed(piece)
        if self._head.startswith(_UTF_8_MARK):
            return
        text = self._shift_jis.feed(piece)
        if len(self._judged) < _JUDGED and not text.isascii():
            self._judged += [each for each in text if not each.isascii()]

    def tell(self) -> Encoding:
        """After the last piece. Raises UnreadableText."""
        for attempt in (self._utf_8, self._utf_16, self._shift_jis):
            attempt.feed(b"", is_last=True)
        if self._head.startswith(_UTF_16_MARKS):
            self._utf_16.require()
            return "UTF-16"
        utf_8, shift_jis = self._utf_8, self._shift_jis
        # Hardly any other text is good UTF-8 by chance, up to its very end.
        if self._head.startswith(_UTF_8_MARK) or utf_8.fault_line is None or (utf_8.is_cut_off and utf_8.is_wide):
            utf_8.require()
            return "UTF-8"
        if shift_jis.fault_line is not None:
            max(utf_8, shift_jis, key=lambda attempt: attempt.fault_line or 0).require()
        if not _is_japanese(self._judged):
            raise UnreadableText("Save the file as 'CSV UTF-8'; this may be Shift_JIS or a Western encoding.")
        return "Shift_JIS"


class _Attempt:
    """To read the file in one encoding. `fault_line`: the first line that it is not, counted from 1."""

    def __init__(self, codec: str) -> None:
        self._decoder = codecs.getincrementaldecoder(codec)()
        self._line = 1
        self.fault_line: int | None = None
        self.is_cut_off = False
        self.is_wide = False

    def feed(self, piece: bytes, *, is_last: bool = False) -> str:
        if self.fault_line is not None:
            return ""
        try:
            text = self._decoder.decode(piece, is_last)
        except UnicodeDecodeError as error:
            self.fault_line = self._line + error.object[: error.start].count(b"\n")
            self.is_cut_off = is_last
            return ""
        self._line += text.count("\n")
        self.is_wide = self.is_wide or not text.isascii()
        return text

    def require(self) -> None:
        """Raises UnreadableText."""
        if self.is_cut_off:
            raise UnreadableText(
                f"The file is cut off in the middle of a character, in line {self.fault_line}; save it once more."
            )
        if self.fault_line is not None:
            raise UnreadableText(
                f"Save the file as 'CSV UTF-8'; its encoding cannot be told (line {self.fault_line} is not what the"
                " lines before it are)."
            )


def decode(body: bytes) -> tuple[str, Encoding]:
    """The text, and its encoding. Raises UnreadableText."""
    teller = EncodingTeller()
    teller.feed(body)
    encoding = teller.tell()
    return body.decode(CODECS[encoding]), encoding


def find_delimiter(header: str) -> str:
    """Of the first line. Excel writes semicolons where the comma belongs into numbers, and tabs as 'Unicode text'."""
    return max(",;\t", key=header.count)


def simplify_heading(heading: str) -> str:
    """Without what does not tell two headings apart: case, width, spaces, hyphens, and a unit in brackets."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", heading)).casefold()


def _is_japanese(characters: Iterable[str]) -> bool:
    """Whether what was read as Shift_JIS can hardly be anything else.

    Western bytes often are good Shift_JIS too: an accented letter or a quotation mark and the plain letter after it are
    one kanji. Most characters of Japanese cannot come about like that.
    """
    written = [each.encode("cp932") for each in characters]
    sure = sum(len(each) == 2 and (each[1] >= 0x80 or each[0] not in _WESTERN_LEADS) for each in written)
    return 2 * sure > len(written)
