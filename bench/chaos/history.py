"""What was asked and answered while things broke: written by those who asked, judged by `bench.chaos.checker`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

Kind = Literal["enrol", "locate", "scan", "redeem", "spend", "refund", "erase", "read"]


@dataclass(frozen=True)
class Answered:
    """An operation that got its final answer: a 2xx, or a refusal. `asked` and `told` are the two bodies.

    `ended_s`: when the answer came, by this machine's monotonic clock.
    """

    kind: Kind
    member_id: str
    status: int
    asked: Mapping[str, Any]
    told: Mapping[str, Any]
    ended_s: float

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Outage:
    """A time in which nothing at all was done. `begun_s`: since the first answer. `faults`: what broke in it, and last
    before it.
    """

    seconds: float
    begun_s: float
    faults: tuple[str, ...]


@dataclass
class History:
    """`unexpected`: answers of 500 and above that are not 503. `faults`: what was broken and when, in its order."""

    answered: list[Answered] = field(default_factory=list)
    attempts: int = 0
    unexpected: list[tuple[Kind, int, str]] = field(default_factory=list)
    faults: list[tuple[str, float]] = field(default_factory=list)

    def done(self, kind: Kind) -> list[Answered]:
        return [each for each in self.answered if each.kind == kind and each.is_done]

    def note(
        self, kind: Kind, member_id: str, status: int, asked: Mapping[str, Any], told: Mapping[str, Any]
    ) -> Answered:
        answered = Answered(kind, member_id, status, asked, told, time.monotonic())
        self.answered.append(answered)
        return answered

    def note_fault(self, name: str) -> None:
        self.faults.append((name, time.monotonic()))

    def longest_outage(self) -> Outage:
        moments = sorted(each.ended_s for each in self.answered if each.is_done)
        if len(moments) < 2:
            return Outage(0.0, 0.0, ())
        begun, ended = max(pairwise(moments), key=lambda pair: pair[1] - pair[0])
        before = [name for name, struck in self.faults if struck <= begun][-1:]
        meanwhile = [name for name, struck in self.faults if begun < struck < ended]
        return Outage(ended - begun, begun - moments[0], (*before, *meanwhile))
