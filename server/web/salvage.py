"""Salvaging an upload in which something cannot be decoded, so that it costs no more than itself. Pure.

Half of a surrogate pair, a raw line break, a byte of Latin-1, a NaN, a number as large as 1e999, a byte order mark:
with one of them a body is no JSON, and a decoder refuses all of it. The phone would lose every record of the upload, or
repeat it for ever, and so would a till. Here the body is cut into records by its brackets and quotes alone, and each is
read by itself. What cannot be decoded is replaced, and a number that cannot be held is infinite; so only a record is
refused that is no JSON even then, or that says such a thing where it matters. This is many times slower than decoding,
so it comes second.
"""

import json
import re
from collections.abc import Iterator

import msgspec

# What a decoder raises for a body that is not in order as a whole; RecursionError where it is nested too deeply.
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
BYTE_ORDER_MARK = "\ufeff"


def _read_integer(digits: str) -> int | float:
    # Python reads no integer of more than 4300 digits.
    return int(digits) if len(digits) < _LONG_NUMBER else float(digits)


_LONG_NUMBER = 300
_DECODER = json.JSONDecoder(strict=False, parse_int=_read_integer)
# Possessive: without it a string that does not end would take time in proportion to the square of its length. A match
# does not let go of the interpreter, so the parts of one are counted: what has more is read as several tokens.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+){0,20000}+"'
_FLAT = rf'[\[{{](?:[^"\[\]{{}}]++|{_STRING}){{0,200}}+[\]}}]'
# A record is one token in most cases, which makes this ten times as fast.
_RECORD = rf'[\[{{](?:[^"\[\]{{}}]++|{_STRING}|{_FLAT}){{0,1000}}+[\]}}]'
_TOKEN = re.compile(rf'{_STRING}|{_RECORD}|["\[\]{{}},]', re.DOTALL)
_MEMBER = re.compile(rf"\s*({_STRING})\s*:", re.DOTALL)


def read_text(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace(BYTE_ORDER_MARK, "").strip()


def split_members(text: str) -> dict[str, str]:
    """The members of an object as they are written, by name; none where the text is no object. It may be cut off."""
    members = {}
    for written in _split(text) if text.startswith("{") else ():
        if (found := _MEMBER.match(written)) is not None:
            members[found[1][1:-1]] = written[found.end() :].strip()
    return members


def read_elements(text: str) -> Iterator[object]:
    """The elements of a list, each read by itself; None for one that cannot be read. A list may be cut off."""
    for element in _split(text):
        try:
            yield read_value(element)
        except (ValueError, RecursionError):
            yield None


def read_value(text: str) -> object:
    """Raises ValueError or RecursionError for what is no JSON."""
    return _DECODER.decode(text)


def read_element(raw: bytes) -> object:
    """A single value that could not be decoded; None where it cannot be read at all."""
    return next(read_elements(f"[{read_text(raw)}]"), None)


def _split(text: str) -> Iterator[str]:
    """What stands between the commas of the list or object that the text begins with."""
    depth = begin = 1
    for token in _TOKEN.finditer(text, 1):
        match token[0]:
            case '"':  # a string that does not end
                break
            case "[" | "{":
                depth += 1
            case "," if depth == 1:
                yield text[begin : token.start()]
                begin = token.end()
            case "]" | "}":
                depth -= 1
                if depth == 0:
                    text = text[: token.start()]
                    break
    if last := text[begin:].strip():
        yield last
