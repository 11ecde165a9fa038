"""Times as whole microseconds since 1970, exactly: as kernels take them. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled
from kit.arrays import Positions

# Instead of a time that there is not.
NEVER = -1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ENCODER = msgspec.msgpack.Encoder()


def to_us(at: datetime | None) -> int:
    return NEVER if at is None else (at - _EPOCH) // _MICROSECOND


def of_us(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


def find_of_us(us: int) -> datetime | None:
    return None if us == NEVER else of_us(us)


def seconds_to_us(seconds: float) -> int:
    """Rounded as a timedelta is."""
    return timedelta(seconds=seconds) // _MICROSECOND


def list_us(times: Sequence[datetime]) -> Positions:
    """Of times in UTC. By way of MessagePack, which writes them as binary numbers: an eighth of the time."""
    return _read_timestamps(np.frombuffer(_ENCODER.encode(times), np.uint8), len(times))


@compiled
def _read_timestamps(octets: NDArray[np.uint8], count: int) -> Positions:
    """Of an array of timestamps of 32, 64 and 96 bits (MessagePack specification, "Timestamp extension type")."""
    read, place = np.empty(count, np.int64), 1 if count < 16 else 3 if count < 65536 else 5
    for n in range(count):
        kind = octets[place]
        if kind == 0xD6:  # seconds
            read[n] = _read_number(octets, place + 2, 4) * 1_000_000
            place += 6
        elif kind == 0xD7:  # nanoseconds in 30 bits, seconds in 34
            both = _read_number(octets, place + 2, 8)
            read[n] = (both & 0x3FFFFFFFF) * 1_000_000 + np.int64(np.uint64(both) >> np.uint64(34)) // 1000
            place += 10
        else:  # nanoseconds in 32 bits, seconds in 64 with a sign
            seconds = _read_number(octets, place + 7, 8)
            read[n] = seconds * 1_000_000 + _read_number(octets, place + 3, 4) // 1000
            place += 15
    return read


@compiled
def _read_number(octets: NDArray[np.uint8], begin: int, size: int) -> int:
    number = 0
    for octet in octets[begin : begin + size]:
        number = (number << 8) | int(octet)
    return number
