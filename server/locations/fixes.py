"""Reading an upload of fixes: the good ones, and which were refused and why. Pure.

A bad fix never holds up the good ones: the clients repeat a refused upload for ever.
"""

from collections.abc import Iterable
from itertools import islice

import msgspec

from geo.fix import Fix, find_fault
from server.problems import Problem
from server.web.fix_body import FixBody, to_fix
from server.web.salvage import read_elements, read_text, split_members

MAX_FIXES = 1000


class LocationUpload(msgspec.Struct, frozen=True):
    """Fixes of one device, in any order. An upload that is sent again changes nothing."""

    fixes: list[FixBody]
    """At most 1000."""


class RefusedFix(msgspec.Struct, frozen=True):
    """A fix that was not taken. Do not send it again: the answer would be the same."""

    index: int
    """Which fix of the upload, counted from 0."""
    reason: str
    """A stable code: `malformed` (it cannot be read), `lat_out_of_range`, `lon_out_of_range`, `accuracy_invalid`
    (negative, not finite or more than 100 km), `time_invalid` (without a UTC offset, or before 2000) or `too_large`
    (the whole body)."""


_WHOLE = msgspec.json.Decoder(LocationUpload)


def read_fixes(body: bytes) -> tuple[list[Fix], list[RefusedFix]]:
    """The good fixes of a body and the refused ones. Raises msgspec.DecodeError where one of them is none."""
    bodies = _WHOLE.decode(body).fixes
    _check_count(len(bodies))
    return separate_refused([to_fix(each) for each in bodies])


def salvage_fixes(body: bytes) -> tuple[list[Fix], list[RefusedFix]]:
    """The same one by one, slowly. Raises Problem where the body is no list of fixes at all."""
    written = split_members(read_text(body)).get("fixes", "")
    if not written.startswith("["):
        raise Problem("invalid-request", "Send a JSON object with a list 'fixes'.")
    elements = list(islice(read_elements(written), MAX_FIXES + 1))
    _check_count(len(elements))
    return separate_refused(_try_one(each) for each in elements)


def separate_refused(fixes: Iterable[Fix | None]) -> tuple[list[Fix], list[RefusedFix]]:
    """The good fixes and the refused ones; None is what could not be read at all."""
    good: list[Fix] = []
    refused: list[RefusedFix] = []
    for index, fix in enumerate(fixes):
        if fix is None:
            refused.append(RefusedFix(index, "malformed"))
        elif (fault := find_fault(fix)) is not None:
            refused.append(RefusedFix(index, fault))
        else:
            good.append(fix)
    return good, refused


def _check_count(fixes: int) -> None:
    if fixes > MAX_FIXES:
        raise Problem("body-too-large", f"Send at most {MAX_FIXES} fixes at once.")


def _try_one(element: object) -> Fix | None:
    try:
        return to_fix(msgspec.convert(element, FixBody))
    except (ValueError, OverflowError):  # msgspec's ValidationError is a ValueError
        return None
