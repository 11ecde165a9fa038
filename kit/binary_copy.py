"""What `COPY (…) TO STDOUT (FORMAT binary)` sends, as arrays: no object is made for a row. Pure.

Each row has its fields of fixed width first and then those of varying width; none of them is null.
"""

from collections.abc import Sequence
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
    rows, ends = _find_rows(sent, layout.itemsize, varying)
    octets = np.frombuffer(sent, np.uint8)
    heads = octets[rows[:, None] + np.arange(layout.itemsize)].view(layout).ravel()
    columns = [heads[f"f{n}"].astype(layout[f"f{n}"].newbyteorder("=")) for n in range(len(fixed))]
    begins = np.concatenate([rows[:, None] + layout.itemsize, ends[:, :-1]], axis=1) + _LENGTH.size
    return columns, [_cut_out(sent, begins[:, n], ends[:, n]) for n in range(varying)]


def _field(number: int, kind: str) -> list[tuple[str, str]]:
    return [(f"length{number}", ">i4"), (f"f{number}", _KINDS[kind])]


def _find_rows(sent: bytes, head_size: int, varying: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each row begins, and where each of its fields of varying width ends."""
    if not sent.startswith(_HEAD):
        raise ValueError("this is no binary COPY of PostgreSQL")
    at, rows, ends = len(_HEAD), list[int](), list[int]()
    read_count, read_length, fields = _COUNT.unpack_from, _LENGTH.unpack_from, range(varying)
    while read_count(sent, at)[0] != _END:
        rows.append(at)
        at += head_size
        for _ in fields:
            at += 4 + read_length(sent, at)[0]
            ends.append(at)
    return np.array(rows, np.int64), np.array(ends, np.int64).reshape(-1, varying)


def _cut_out(sent: bytes, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> Texts:
    cut = [sent[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
    return Texts(np.frombuffer(b"".join(cut), np.uint8), to_starts(ends - begins, np.int64))
