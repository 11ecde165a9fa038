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


@dataclass
class History:
    """`unexpected`: answers of 500 and above that are not 503. `faults`: what was broken, in its order."""

    answered: list[Answered] = field(default_factory=list)
    attempts: int = 0
    unexpected: list[tuple[Kind, int, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def done(self, kind: Kind) -> list[Answered]:
        return [each for each in self.answered if each.kind == kind and each.is_done]

    def note(
        self, kind: Kind, member_id: str, status: int, asked: Mapping[str, Any], told: Mapping[str, Any]
    ) -> Answered:
        answered = Answered(kind, member_id, status, asked, told, time.monotonic())
        self.answered.append(answered)
        return answered

    def longest_outage_s(self) -> float:
        """The longest time in which nothing at all was done."""
        moments = sorted(each.ended_s for each in self.answered if each.is_done)
        return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)
