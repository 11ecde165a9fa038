"""The records of a till's report, each read by itself: whatever one of them holds, it costs no other.

A till that cannot get rid of one record would send all of them for ever.
"""

from collections.abc import Callable
from itertools import islice
from typing import TypeVar

import msgspec

from server.problems import Problem
from server.web.salvage import UNDECODABLE, read_element, read_elements, read_text, split_members

R = TypeVar("R")
T = TypeVar("T")

# Two signatures each, in one transaction.
MAX_REPORTED = 200


def read_reported(body: bytes, name: str, kind: type[R], convert: Callable[[R], T | None]) -> list[T | None]:
    """Of the list `name`, one a record, in order; None for one that is not as `kind` says, or that `convert` gives up.

    May take its time: off the loop. Raises Problem for a body that is no report at all.
    """
    decoder = msgspec.json.Decoder(kind)
    try:
        members = msgspec.json.decode(body, type=dict[str, list[msgspec.Raw]])
    except UNDECODABLE:
        return [_convert(record, kind, convert) for record in _salvage(body, name)]
    if members.keys() != {name}:
        raise _no_report(name)
    _check_count(len(members[name]), name)
    read: list[T | None] = []
    for record in members[name]:
        try:
            read.append(convert(decoder.decode(record)))
        except UNDECODABLE:
            read.append(_convert(read_element(bytes(record)), kind, convert))
    return read


def _salvage(body: bytes, name: str) -> list[object]:
    members = split_members(read_text(body))
    if members.keys() != {name} or not members[name].startswith("["):
        raise _no_report(name)
    records = list(islice(read_elements(members[name]), MAX_REPORTED + 1))
    _check_count(len(records), name)
    return records


def _check_count(records: int, name: str) -> None:
    if not 0 < records <= MAX_REPORTED:
        raise _no_report(name)


def _no_report(name: str) -> Problem:
    return Problem(
        "invalid-request", f"Send a JSON object with nothing but a list '{name}' of 1 to {MAX_REPORTED} records."
    )


def _convert(record: object, kind: type[R], convert: Callable[[R], T | None]) -> T | None:
    try:
        return convert(msgspec.convert(record, kind))
    except msgspec.ValidationError:
        return None
