"""What `COPY (…) TO STDOUT (FORMAT binary)` sends, as arrays: no object is made for a row. Pure.

Each row has its fields of fixed width first and then those of varying width; none of them is null.
"""

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kit.arrays import Texts, to_starts

_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COUNT, _LENGTH = Struct(">h"), Struct(">i")
_END = -1

# By the type's name in PostgreSQL: how it is sent.
_KINDS = {"uuid": "V16", "float8": ">f8", "int2": ">i2", "int4": ">i4", "bool": "?"}


def read_rows(sent: bytes, fixed: Sequence[str], varying: int) -> tuple[list[NDArray[Any]], list[Texts]]:
    """The columns of fixed width, by their types, and then the others, each as its octets."""
    layout = np.dtype([("count", ">i2"), *(pair for n, kind in enumerate(fixed) for pair in _field(n, kind))])
    rows = _find_rows(sent, layout.itemsize, varying)
    heads = _anywhere(sent, layout)[rows]
    columns = [heads[f"f{n}"].astype(layout[f"f{n}"].newbyteorder("=")) for n in range(len(fixed))]
    return columns, [*_find_fields(sent, rows + layout.itemsize, varying)]


def _field(number: int, kind: str) -> list[tuple[str, str]]:
    return [(f"length{number}", ">i4"), (f"f{number}", _KINDS[kind])]


def _find_rows(sent: bytes, head_size: int, varying: int) -> NDArray[np.int64]:
    """Where each row begins. Only the lengths that lead to the next one are looked at: there are millions."""
    if not sent.startswith(_HEAD):
        raise ValueError("this is no binary COPY of PostgreSQL")
    at, rows, end = len(_HEAD), list[int](), len(sent) - _COUNT.size
    read_length, fields = _LENGTH.unpack_from, range(varying)
    while at < end:
        rows.append(at)
        at += head_size
        for _ in fields:
            at += 4 + read_length(sent, at)[0]
    if at != end or _COUNT.unpack_from(sent, at)[0] != _END:
        raise ValueError("this binary COPY has no end")
    return np.array(rows, np.int64)


def _find_fields(sent: bytes, begins: NDArray[np.int64], varying: int) -> Iterator[Texts]:
    """Those of varying width of all rows, which begin there."""
    lengths = _anywhere(sent, np.dtype(">i4"))
    for _ in range(varying):
        begins, ends = begins + _LENGTH.size, begins + _LENGTH.size + lengths[begins]
        yield _cut_out(sent, begins, ends)
        begins = ends


def _anywhere(sent: bytes, kind: np.dtype[Any]) -> NDArray[Any]:
    """What begins at each octet, taken for this kind; nothing is copied."""
    return np.ndarray((max(0, len(sent) - kind.itemsize + 1),), kind, sent, strides=(1,))


def _cut_out(sent: bytes, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> Texts:
    cut = [sent[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
    return Texts(np.frombuffer(b"".join(cut), np.uint8), to_starts(ends - begins, np.int64))
