"""What is heavy to read of a drawing and of a chain's file, for a process of its own to run (kit/apart.py). Pure.

That process imports this module. It names nothing of the server, whose import takes longer than the reading.
"""

import pickle
from collections.abc import Sequence

import msgspec

from geo.chain_rows import BadRow, FileNotes, ParsedRow
from geo.chains import Format, read_chain
from geo.geofence import Area
from geo.shapes import read_area

_PIECE = 100


def decode_area(text: bytes) -> tuple[Area, float]:
    """`geo.shapes.read_area` of a geometry as JSON. Raises InvalidShape."""
    return read_area(msgspec.json.decode(text))


def read_chain_in_pieces(body: bytes, kind: Format) -> tuple[list[bytes], FileNotes]:
    """The rows, pickled a hundred at a time: as one they would hold the interpreter where they are taken over.

    Raises UnreadableFile.
    """
    read = read_chain(body, kind)
    rows = [*read.rows, *read.bad]
    return [pickle.dumps(rows[start : start + _PIECE]) for start in range(0, len(rows), _PIECE)], read.notes


def join_pieces(pieces: Sequence[bytes]) -> tuple[list[ParsedRow], list[BadRow]]:
    """The good rows and the bad ones of what `read_chain_in_pieces` gave."""
    rows: list[ParsedRow | BadRow] = [row for piece in pieces for row in pickle.loads(piece)]  # noqa: S301 - ours
    return [row for row in rows if isinstance(row, ParsedRow)], [row for row in rows if isinstance(row, BadRow)]
