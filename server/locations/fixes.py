"""Reading an upload of fixes: the good ones, and which were refused and why. Pure.

A bad fix never holds up the good ones: the clients repeat a refused upload for ever.
"""

from collections.abc import Iterable
from datetime import UTC
from itertools import islice
from typing import Annotated

import msgspec

from geo.fix import EARLIEST, MAX_ACCURACY_M, Fix, find_fault
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


class _GoodFix(FixBody, frozen=True, gc=False, kw_only=True):
    """One that `find_fault` finds no fault with, but for its time. The decoder looks at a hundred in no time."""

    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    accuracy_m: Annotated[float, msgspec.Meta(ge=0, le=MAX_ACCURACY_M)] | None = None


class _GoodUpload(msgspec.Struct, frozen=True):
    fixes: Annotated[list[_GoodFix], msgspec.Meta(max_length=MAX_FIXES)]


_WHOLE = msgspec.json.Decoder(LocationUpload)
_GOOD = msgspec.json.Decoder(_GoodUpload)


def read_fixes(body: bytes) -> tuple[list[Fix], list[RefusedFix]]:
    """The good fixes of a body and the refused ones. Raises msgspec.DecodeError where one of them is none."""
    good = _read_good(body)
    if good is not None:
        return good, []
    bodies = _WHOLE.decode(body).fixes
    _check_count(len(bodies))
    return separate_refused([to_fix(each) for each in bodies])


def _read_good(body: bytes) -> list[Fix] | None:
    """Those of a body that has no bad ones, as nearly all have; None for any other, whatever is wrong with it."""
    try:
        fixes = _GOOD.decode(body).fixes
    except msgspec.ValidationError:
        return None
    times = [fix.recorded_at for fix in fixes]
    is_timely = all([at.tzinfo is UTC for at in times]) and (not times or min(times) >= EARLIEST)  # noqa: C419 - faster
    return [*fixes] if is_timely else None


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
