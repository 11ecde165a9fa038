"""Reading an upload of fixes: the good ones, and which were refused and why. Pure.

A bad fix never holds up the good ones: the clients repeat a refused upload for ever.
"""

from collections.abc import Iterable, Sequence

import msgspec

from geo.fix import Fix, find_fault
from server.problems import Problem
from server.web.fix_body import FixBody, to_fix

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


class _RawUpload(msgspec.Struct, frozen=True):
    fixes: list[msgspec.Raw]


_WHOLE = msgspec.json.Decoder(LocationUpload)
_RAW = msgspec.json.Decoder(_RawUpload)
_ONE = msgspec.json.Decoder(FixBody)


def read_fixes(body: bytes) -> tuple[list[Fix], list[RefusedFix]]:
    """The good fixes of a body and the refused ones. Raises Problem where the body is no list of fixes at all."""
    try:
        bodies: Sequence[FixBody | None] = _WHOLE.decode(body).fixes
    except msgspec.ValidationError:
        bodies = _read_one_by_one(body)
    except msgspec.DecodeError as error:
        raise Problem("invalid-request", f"Send JSON: {error}.") from error
    if len(bodies) > MAX_FIXES:
        raise Problem("body-too-large", f"Send at most {MAX_FIXES} fixes at once.")
    return separate_refused([to_fix(each) if each is not None else None for each in bodies])


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


def _read_one_by_one(body: bytes) -> list[FixBody | None]:
    try:
        return [_try_one(raw) for raw in _RAW.decode(body).fixes]
    except msgspec.ValidationError as error:
        raise Problem("invalid-request", f"Send an object with a list 'fixes': {error}.") from error


def _try_one(raw: msgspec.Raw) -> FixBody | None:
    try:
        return _ONE.decode(raw)
    except msgspec.DecodeError:
        return None
