"""On which shard the rows of an id lie, by the hash of the engine that spreads them. Pure.

Citus spreads by the hash that PostgreSQL has for the type of the column; of a uuid that is Bob Jenkins' lookup3 of its
16 bytes (`uuid_hash`). Each shard has a range of its values.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

_MASK = 0xFFFFFFFF
_START = 0x9E3779B9 + 16 + 3923095
_MIXES = ((0, 2, 4), (1, 0, 6), (2, 1, 8), (0, 2, 16), (1, 0, 19), (2, 1, 4))
_LAST_MIXES = ((2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24))


class Shards:
    """Ranges of hash values, each from one of `lows` to the next. Whoever has one shard asks for no hash."""

    def __init__(self, lows: Sequence[int]) -> None:
        """Raises ValueError where they are not in order, or do not begin with the lowest value."""
        if list(lows) != sorted(set(lows)) or not lows or lows[0] != -(2**31):
            raise ValueError("ranges of hash values that leave some out")
        self._lows = tuple(lows)

    @property
    def are_many(self) -> bool:
        return len(self._lows) > 1

    def find(self, row_id: UUID) -> int:
        return bisect_right(self._lows, hash_id(row_id.bytes)) - 1 if self.are_many else 0


ONE_SHARD = Shards([-(2**31)])


@lru_cache(maxsize=100_000)
def hash_id(uuid_bytes: bytes) -> int:
    """As `SELECT uuid_hash(…)`, a signed number of 32 bits."""
    words = [int.from_bytes(uuid_bytes[at : at + 4], "little") for at in (0, 4, 8, 12)]
    state = [(_START + word) & _MASK for word in words[:3]]
    for changed, by, rotation in _MIXES:
        state[changed] = ((state[changed] - state[by]) & _MASK) ^ _rotate(state[by], rotation)
        state[by] = (state[by] + state[3 - changed - by]) & _MASK
    state[0] = (state[0] + words[3]) & _MASK
    for changed, by, rotation in _LAST_MIXES:
        state[changed] = ((state[changed] ^ state[by]) - _rotate(state[by], rotation)) & _MASK
    return state[2] - 2**32 if state[2] >= 2**31 else state[2]


def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK
