"""One location reading in a JSON body. Pure."""

from datetime import UTC

import msgspec

from geo.fix import Fix


# Decoded straight into a `Fix`: copying a hundred of them took longer than matching them.
class FixBody(Fix, frozen=True, gc=False, kw_only=True):
    """One reading of the device's location."""

    accuracy_m: float | None = None
    """Radius in metres that contains the true place with a probability of 68 %. Left out: the fix counts as good."""


def to_fix(body: FixBody) -> Fix | None:
    """In UTC, as everything inside is; None for a date at the edge of the calendar."""
    zone = body.recorded_at.tzinfo
    if zone is UTC or zone is None:
        return body
    try:
        return msgspec.structs.replace(body, recorded_at=body.recorded_at.astimezone(UTC))
    except OverflowError:
        return None
