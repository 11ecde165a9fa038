"""How long messages take, counted in buckets. Pure.

A bucket is a tenth wider than the one before it, so what is read from them is at most a tenth too long, whether it is
milliseconds or hours.
"""

from collections.abc import Mapping
from datetime import datetime
from math import ceil, log
from typing import Literal

import msgspec

from ids import ProgramId

# `handed` to the push service, `displayed` by the phone.
Stage = Literal["handed", "displayed"]

_GROWTH = 1.1
_LAST = 200  # of two days; what takes longer falls into it too


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Of one message. `at`: when the stage was reached."""

    program_id: ProgramId
    stage: Stage
    at: datetime
    seconds: float


def bucket_of(seconds: float) -> int:
    """The bucket 0 holds all up to a millisecond."""
    ms = seconds * 1000
    return 0 if ms <= 1 else min(_LAST, ceil(log(ms) / log(_GROWTH)))


def percentile_ms(times: Mapping[int, int], share: float) -> float | None:
    """How long that share of them took at most, in milliseconds; `times`: how many by bucket. None: there are none."""
    left = share * sum(times.values())
    for bucket in sorted(times):
        left -= times[bucket]
        if left <= 0:
            return round(_GROWTH**bucket, 1)
    return None
