"""What is heavy to read of a drawing and of a chain's file, for a process of its own to run (kit/apart.py). Pure.

That process imports this module. It names nothing of the server, whose import takes longer than the reading.
"""

import pickle
from collections.abc import Sequence

import msgspec

from geo.chains import BadRow, Format, ParsedRow, read_chain
from geo.geofence import Area
from geo.shapes import read_area

_PIECE = 100


def decode_area(text: bytes) -> tuple[Area, float]:
    """`geo.shapes.read_area` of a geometry as JSON. Raises InvalidShape."""
    return read_area(msgspec.json.decode(text))


def read_chain_in_pieces(body: bytes, kind: Format) -> list[bytes]:
    """The rows, pickled a hundred at a time: as one they would hold the interpreter where they are taken over.

    Raises UnreadableFile.
    """
    rows = [row for part in read_chain(body, kind) for row in part]
    return [pickle.dumps(rows[start : start + _PIECE]) for start in range(0, len(rows), _PIECE)]


def join_pieces(pieces: Sequence[bytes]) -> tuple[list[ParsedRow], list[BadRow]]:
    """The good rows and the bad ones of what `read_chain_in_pieces` gave."""
    rows: list[ParsedRow | BadRow] = [row for piece in pieces for row in pickle.loads(piece)]  # noqa: S301 - ours
    return [row for row in rows if isinstance(row, ParsedRow)], [row for row in rows if isinstance(row, BadRow)]
