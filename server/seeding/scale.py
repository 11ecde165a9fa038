"""How much is to be seeded, and who gets how much of it: few members come daily, most seldom. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ids import ProgramId

Integers = NDArray[np.int64]

TIME_ZONE = ZoneInfo("Asia/Tokyo")
VISIT_DAYS = 365
# People have joined over two years, the last ones a month ago.
_MOST_AGE_DAYS = 730.0
_LEAST_AGE_DAYS = 30.0
MOST_VISITS_A_MEMBER = 100
# Nobody comes on more of their days.
_MOST_OF_DAYS = 0.9
# One transaction each: some seconds of work.
_CHUNK_MEMBERS = 2_500
_CHUNK_VISITS = 25_000
# Pareto's exponent of how often people come: with 1.16 a fifth of them would make four fifths of the visits.
_SKEW = 1.3


@dataclass(frozen=True)
class Scale:
    """What was asked for. Members are numbered; every chunk of them follows from this and the program alone."""

    members: int
    visits: int
    stores: int
    seed: int

    @property
    def chunk_count(self) -> int:
        return max(-(-self.members // _CHUNK_MEMBERS), -(-self.visits // _CHUNK_VISITS))

    def members_of(self, chunk: int) -> range:
        return range(self.members * chunk // self.chunk_count, self.members * (chunk + 1) // self.chunk_count)

    def visits_of(self, chunk: int) -> int:
        """By the days that its members have had."""
        days = np.cumsum(np.minimum(self.ages_days(range(self.members)), VISIT_DAYS))
        numbers = self.members_of(chunk)
        until, before = days[numbers.stop - 1], days[numbers.start - 1] if numbers.start else 0.0
        return round(float(self.visits * until / days[-1])) - round(float(self.visits * before / days[-1]))

    def ages_days(self, numbers: range) -> NDArray[np.float64]:
        """How long ago they joined, the oldest first."""
        return (
            _MOST_AGE_DAYS - (_MOST_AGE_DAYS - _LEAST_AGE_DAYS) * np.arange(numbers.start, numbers.stop) / self.members
        )


@dataclass(frozen=True)
class Habits:
    """Of a chunk's members, an entry each. Each can have come on the `day_counts` days before the last one of all."""

    joined_ms: Integers
    day_counts: Integers
    visit_counts: Integers
    home_stores: Integers


def random_of(scale: Scale, program_id: ProgramId, chunk: int) -> np.random.Generator:
    """The same for the same chunk, so that a run that was broken off finds what it has written."""
    named = f"{program_id} {scale.members} {scale.visits} {scale.stores} {scale.seed} {chunk}"
    return np.random.default_rng(int.from_bytes(sha256(named.encode()).digest()))


def last_day(began_at: datetime) -> date:
    """The last business day with a visit: today is left to whoever scans."""
    return began_at.astimezone(TIME_ZONE).date() - timedelta(days=1)


def draw_habits(scale: Scale, chunk: int, began_at: datetime, rng: np.random.Generator) -> Habits:
    ages_days = scale.ages_days(scale.members_of(chunk))
    joined_ms = int(began_at.timestamp() * 1000) - (ages_days * 86_400_000).astype(np.int64)
    day_counts = np.minimum(ages_days.astype(np.int64) - 1, VISIT_DAYS)
    weights = (rng.pareto(_SKEW, len(ages_days)) + 0.05) * day_counts
    most = (day_counts * _MOST_OF_DAYS).astype(np.int64)
    # Large shops have more people than small ones.
    homes = (scale.stores * rng.random(len(ages_days)) ** 2).astype(np.int64)
    return Habits(joined_ms, day_counts, allot_visits(scale.visits_of(chunk), weights, most, rng), homes)


def allot_visits(total: int, weights: NDArray[np.float64], most: Integers, rng: np.random.Generator) -> Integers:
    """So many visits among members by their weights, none with more than `most`. Raises ValueError for too many."""
    if total > most.sum():
        raise ValueError("more visits than days")
    counts = np.zeros(len(weights), np.int64)
    while (left := total - int(counts.sum())) > 0:
        open_weights = np.where(counts < most, weights, 0)
        counts = np.minimum(counts + rng.multinomial(left, open_weights / open_weights.sum()), most)
    return counts


def draw_ids(times_ms: Integers, rng: np.random.Generator) -> Sequence[UUID]:
    """UUIDs of version 7 (RFC 9562): the time, then random bits."""
    raw = rng.integers(0, 256, (len(times_ms), 16), np.uint8)
    raw[:, :6] = times_ms.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 2:]
    raw[:, 6] = 0x70 | (raw[:, 6] & 0x0F)
    raw[:, 8] = 0x80 | (raw[:, 8] & 0x3F)
    return [UUID(bytes=row.tobytes()) for row in raw]
