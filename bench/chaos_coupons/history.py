"""What the writers of `./run bench chaos-coupons` asked and were told: a line before each batch, one after its answer.

A line is in the system's hands before the batch goes on its way, so a killed writer's last batch is known too. Moments
are nanoseconds of the machine's monotonic clock, which its processes share.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

Told = Literal[
    "issued", "already_issued", "cap_reached", "cooling_down",
    "reserved", "redeemed", "voided", "refused", "unknown",
]  # fmt: skip


class Wish(msgspec.Struct, frozen=True, array_like=True):
    """Ids are text. `event_s`: when it was earned, seconds since 1970. `distance_s`: from the member's other ones."""

    coupon: str
    member: str
    campaign: str
    period: str
    store: str
    day: str
    event_s: float
    distance_s: float = 0.0


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What a till does with one coupon: it holds it for `hold_s`, or pays or voids the receipt of a `reservation`."""

    kind: Literal["reserve", "pay", "void"]
    coupon: str
    reservation: str | None = None
    hold_s: float = 0.0


class Asked(msgspec.Struct, frozen=True, tag="asked", omit_defaults=True):
    """`wishes` are to be issued, `coupons` redeemed by their codes. `now`: of a use, the moment it is judged at."""

    batch: str
    at_ns: int
    wishes: list[Wish] = []
    coupons: list[str] = []
    use: Use | None = None
    now: datetime | None = None


class Answered(msgspec.Struct, frozen=True, tag="answered", omit_defaults=True):
    """One answer each, in the order of what was asked. `unknown`: the batch may have been committed. `reservation`:
    that was made.
    """

    batch: str
    at_ns: int
    told: list[Told]
    reservation: str | None = None


class Batch(msgspec.Struct, frozen=True):
    """`answered` None: its writer was killed first."""

    asked: Asked
    answered: Answered | None


_LINES = msgspec.json.Decoder(Asked | Answered)


def read_history(folder: Path) -> list[Batch]:
    asked: dict[str, Asked] = {}
    answered: dict[str, Answered] = {}
    for line in _lines(folder):
        if isinstance(line, Asked):
            asked[line.batch] = line
        else:
            answered[line.batch] = line
    return [Batch(each, answered.get(batch)) for batch, each in asked.items()]


def _lines(folder: Path) -> Iterator[Asked | Answered]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_bytes().split(b"\n")[:-1]:  # what ends without a newline was cut off by a kill
            yield _LINES.decode(line)
