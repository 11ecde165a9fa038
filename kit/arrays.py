"""Many values as few arrays: ids, texts end to end, ranges spread out, equal values told once. Pure."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kit.ids import id_of
from kit.steps import Steps, run_through

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Shorts = NDArray[np.int32]  # positions that are kept: half the memory
Mask = NDArray[np.bool_]
Unsigned = NDArray[np.uint64]

H = TypeVar("H", bound=Hashable)

_HALVES = Struct(">QQ")


def sort_distinct(positions: Positions) -> Positions:
    """As numpy.unique, whose first call imports numpy.ma: 50 ms in which a server answers nobody."""
    ordered = np.sort(positions)
    return ordered[find_firsts(ordered)]


def find_firsts(*columns: NDArray[Any]) -> Positions:
    """Where neighbours that are equal in all columns begin."""
    differs = np.ones(len(columns[0]), np.bool_)
    for number, column in enumerate(columns):
        if number == 0:
            np.not_equal(column[1:], column[:-1], out=differs[1:])
        else:
            differs[1:] |= column[1:] != column[:-1]
    return differs.nonzero()[0]


def sort_whole(numbers: NDArray[np.integer], order: NDArray[np.integer] | None = None) -> Steps[Positions]:
    """The order of numbers that are not negative; those that are equal stay as they stand in `order`.

    By digits of 16 bits, for which numpy has a radix sort: a quarter of the time of any other.
    """
    sorted_: Positions = np.arange(len(numbers)) if order is None else order.astype(np.int64, copy=False)
    for shift in range(0, int(numbers.max(initial=1)).bit_length(), 16):
        digits = (numbers.take(sorted_) >> shift).astype(np.uint16)
        yield
        by_digit = digits.argsort(kind="stable")
        yield
        sorted_ = sorted_.take(by_digit)
    return sorted_


def sort_degrees(degrees: Floats) -> Steps[Positions]:
    """The order of longitudes or latitudes; those within a centimetre of each other may stay as they stand."""
    fractions = ((degrees + 180) * (2**32 / 360)).clip(0, 2**32 - 1)
    yield
    return (yield from sort_whole(fractions.astype(np.uint32)))


def spread(starts: NDArray[Any], counts: NDArray[Any]) -> tuple[Positions, Positions]:
    """The numbers of all ranges, one after another, and beside each the position of its range."""
    ends = counts.cumsum(dtype=np.int64)
    owners = np.arange(len(counts)).repeat(counts)
    numbers = (starts - ends + counts).repeat(counts)
    numbers += np.arange(len(owners))
    return owners, numbers


def to_starts(counts: NDArray[Any], kind: type = np.int32) -> NDArray[Any]:
    """Where each of so many begins in a row of all, and the end of the last."""
    starts: NDArray[Any] = np.zeros(len(counts) + 1, kind)
    np.cumsum(counts, out=starts[1:])
    return starts


def join_starts(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Of rows that are put one after another."""
    joined, ends = [parts[0][:1]], 0
    for starts in parts:
        joined.append(starts[1:] + starts.dtype.type(ends))
        ends += int(starts[-1])
    return np.concatenate(joined)


@dataclass(frozen=True, slots=True)
class Texts:
    """Many texts in UTF-8, end to end: those of a million shops take a quarter of what as many `str` take."""

    letters: NDArray[np.uint8]
    starts: Positions

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Texts":
        encoded = [text.encode() for text in texts]
        starts = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(each) for each in encoded], out=starts[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), starts)

    def __getitem__(self, position: int) -> str:
        return self.letters[self.starts[position] : self.starts[position + 1]].tobytes().decode()

    def keep(self, kept: Mask) -> "Texts":
        if kept.all():
            return self
        lengths = np.diff(self.starts)
        return Texts(self.letters[np.repeat(kept, lengths)], to_starts(lengths[kept], np.int64))


@dataclass(frozen=True, slots=True)
class Spans:
    """Texts, or other octets, that lie apart in what they came with."""

    octets: NDArray[np.uint8]
    begins: Positions
    ends: Positions

    def texts(self) -> Texts:
        """Taken out letter by letter, as is quickest for those of some words."""
        _, places = spread(self.begins, lengths := self.ends - self.begins)
        return Texts(self.octets.take(places), to_starts(lengths, np.int64))

    def pieces(self) -> list[bytes]:
        """Of each its octets."""
        whole = self.octets.tobytes()
        return [whole[begin:end] for begin, end in zip(self.begins.tolist(), self.ends.tolist(), strict=True)]


def join_texts(parts: Sequence[Texts]) -> Texts:
    return Texts(np.concatenate([each.letters for each in parts]), join_starts([each.starts for each in parts]))


@dataclass(frozen=True, slots=True)
class Ids:
    """UUIDs, each as two numbers."""

    highs: NDArray[np.uint64]
    lows: NDArray[np.uint64]

    @classmethod
    def of(cls, ids: Sequence[UUID]) -> "Ids":
        return cls.of_octets(np.frombuffer(b"".join(each.bytes for each in ids), "V16"))

    @classmethod
    def of_octets(cls, octets: NDArray[Any]) -> "Ids":
        """Of sixteen octets each."""
        halves = octets.view(">u8").reshape(-1, 2)
        return cls(halves[:, 0].astype(np.uint64), halves[:, 1].astype(np.uint64))

    def __getitem__(self, position: int) -> UUID:
        return id_of(_HALVES.pack(self.highs.item(position), self.lows.item(position)))

    def __len__(self) -> int:
        return len(self.highs)

    def keep(self, kept: Mask) -> "Ids":
        return self if kept.all() else Ids(self.highs[kept], self.lows[kept])


class IdOrder:
    """Finds ids by bisection, in two microseconds: the upper halves stand in order once more."""

    __slots__ = ("highs", "ids", "positions")

    def __init__(self, ids: Ids, order: Positions) -> None:
        """`order` is that of the upper halves; `of` and `build_in_steps` find it."""
        self.ids = ids
        self.positions: Shorts = order.astype(np.int32)
        self.highs = ids.highs.take(self.positions)

    @classmethod
    def of(cls, ids: Ids) -> "IdOrder":
        return run_through(cls.build_in_steps(ids))

    @classmethod
    def build_in_steps(cls, ids: Ids) -> Steps["IdOrder"]:
        return cls(ids, (yield from sort_whole(ids.highs)))

    def find(self, wanted: UUID) -> int | None:
        """The position of an id."""
        high, low = divmod(wanted.int, 1 << 64)
        place = int(self.highs.searchsorted(np.uint64(high)))
        if place == len(self.highs) or self.highs.item(place) != high:
            return None
        position = self.positions.item(place)
        if self.ids.lows.item(position) == low:
            return position
        # Hardly ever do several share their upper half.
        same = self.positions[place : int(self.highs.searchsorted(np.uint64(high), "right"))]
        found = same[self.ids.lows[same] == np.uint64(low)]
        return int(found[0]) if len(found) else None


def join_ids(parts: Sequence[Ids]) -> Ids:
    return Ids(np.concatenate([each.highs for each in parts]), np.concatenate([each.lows for each in parts]))


def number_runs(columns: Sequence[NDArray[Any]], tell: Callable[[int], H], numbers: dict[H, int]) -> Shorts:
    """A number for each row; rows that tell the same have the same one, kept in `numbers`.

    Neighbours are mostly equal, so only the first of a run of equal rows is asked what it tells.
    """
    firsts = find_firsts(*columns)
    told = [numbers.setdefault(tell(n), len(numbers)) for n in firsts.tolist()]
    return np.repeat(np.array(told, np.int32), np.diff(firsts, append=len(columns[0])))


def renumber(told: Sequence[H], number_of: Shorts, numbers: dict[H, int]) -> Shorts:
    """The same by `numbers`, where what some of the rows tell is put in."""
    used = np.zeros(len(told), np.bool_)
    used[number_of] = True
    new = np.zeros(len(told), np.int32)
    for n in np.flatnonzero(used).tolist():
        new[n] = numbers.setdefault(told[n], len(numbers))
    return new[number_of]
