"""What `COPY (…) TO STDOUT (FORMAT binary)` sends, as arrays: no object is made for a row. Pure.

Each row begins with a mark, the same for all, which nobody knew who wrote the rows; so they are found by searching for
it, where the lengths would lead from one row to the next only one by one. Then come a UUID, the row's id, the other
fields of fixed width, and those of varying width; none of them is null.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kit.arrays import Positions, Spans

MARK_SIZE = 8
_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
# Of a row before its mark: how many fields it has, and the mark's length.
_BEFORE_MARK = 6
_LENGTH_SIZE = 4
_ID_SIZE = 16
_NO_ROWS = "the rows of this binary COPY do not follow one another"

# By the type's name in PostgreSQL: how it is sent.
_KINDS = {"mark": f"V{MARK_SIZE}", "uuid": "V16", "float8": ">f8", "int2": ">i2", "int4": ">i4", "bool": "?"}


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows as they were sent, each with this mark."""

    sent: bytes
    mark: bytes

    def find_last_id(self) -> UUID | None:
        """That of the last row; None where there is none."""
        at = self.sent.rfind(self.mark)
        begin = at + MARK_SIZE + _LENGTH_SIZE
        return None if at < 0 else UUID(bytes=self.sent[begin : begin + _ID_SIZE])

    def read(self, fixed: Sequence[str], varying: int) -> tuple[list[NDArray[Any]], list[Spans]]:
        """The columns of fixed width by their types, without the mark, and then the others. Raises ValueError."""
        if not (self.sent.startswith(_HEAD) and self.sent.endswith(_END)):
            raise ValueError("this is no whole binary COPY of PostgreSQL")
        kinds = enumerate(["mark", *fixed])
        layout = np.dtype([("count", ">i2"), *(pair for n, kind in kinds for pair in _field(n, kind))])
        rows = self._find_rows()
        try:
            # As plain octets: field by field it would take twenty times as long.
            heads = _anywhere(self.sent, np.dtype(f"V{layout.itemsize}"))[rows].view(layout)
            fields = _find_fields(self.sent, rows + layout.itemsize, varying)
        except IndexError:
            raise ValueError(_NO_ROWS) from None
        if not self._follow(rows, fields[-1].ends):
            raise ValueError(_NO_ROWS)
        names = [f"f{n}" for n in range(1, len(fixed) + 1)]
        return [heads[name].astype(layout[name].newbyteorder("=")) for name in names], fields

    def _find_rows(self) -> Positions:
        """Where each begins. One octet of the mark is searched for first, which takes little more than reading all."""
        rarest = max(self.mark)
        begins = (np.frombuffer(self.sent, np.uint8) == rarest).nonzero()[0] - self.mark.index(rarest)
        wholes = _anywhere(self.sent, np.dtype("u8"))
        begins = begins[(begins >= 0) & (begins < len(wholes))]
        found: Positions = begins[wholes[begins] == np.frombuffer(self.mark, "u8")] - _BEFORE_MARK
        return found

    def _follow(self, begins: Positions, ends: Positions) -> bool:
        """Whether each row begins where the one before ends: none was missed, and nothing else was taken for one."""
        return np.array_equal(np.append(len(_HEAD), ends), np.append(begins, len(self.sent) - len(_END)))


def _field(number: int, kind: str) -> list[tuple[str, str]]:
    return [(f"length{number}", ">i4"), (f"f{number}", _KINDS[kind])]


def _find_fields(sent: bytes, begins: Positions, varying: int) -> list[Spans]:
    """Those of varying width of all rows, which begin there."""
    octets, lengths, found = np.frombuffer(sent, np.uint8), _anywhere(sent, np.dtype(">i4")), list[Spans]()
    for _ in range(varying):
        begins, ends = begins + _LENGTH_SIZE, begins + _LENGTH_SIZE + lengths[begins]
        found.append(Spans(octets, begins, ends))
        begins = ends
    return found


def _anywhere(sent: bytes, kind: np.dtype[Any]) -> NDArray[Any]:
    """What begins at each octet, taken for this kind; nothing is copied."""
    return np.ndarray((max(0, len(sent) - kind.itemsize + 1),), kind, sent, strides=(1,))
