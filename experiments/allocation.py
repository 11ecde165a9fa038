"""Which arm of an experiment a member falls into: a stable place in 10,000, and the arms that share those. Pure.

The place is a salted hash, so it is the same in every process and for ever, and says nothing of the place in another
experiment. Where shares move, an arm that shrinks gives up only what it must, and only that goes to arms that grow.
"""

from collections.abc import Mapping
from hashlib import sha256

import msgspec

from ids import MemberId

PLACES = 10_000


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """So many places, one after another, are the arm's."""

    arm: str
    places: int


# Of all places, from the first.
Allocation = tuple[Piece, ...]


def place_of(salt: bytes, member_id: MemberId) -> int:
    """From 0 to `PLACES` - 1, each as likely as the others."""
    return int.from_bytes(sha256(salt + member_id.bytes).digest()[:8], "big") * PLACES >> 64


def is_within(percent: int, salt: bytes, member_id: MemberId) -> bool:
    """Whether the member is one of so many per cent; of those within 5 per cent all are within 10."""
    return place_of(salt, member_id) * 100 < percent * PLACES


def arm_at(allocation: Allocation, place: int) -> str:
    for piece in allocation:
        place -= piece.places
        if place < 0:
            return piece.arm
    raise ValueError("an allocation has all places")


def share_out(percents: Mapping[str, int], shares: Mapping[str, int]) -> dict[str, int]:
    """How many places each arm gets: `percents` of all, and of the rest as the `shares` are to each other.

    What cannot be divided goes to the largest remainders. Raises ValueError where nothing has a share.
    """
    places = {arm: percent * PLACES // 100 for arm, percent in percents.items()}
    rest, total = PLACES - sum(places.values()), sum(shares.values())
    if total <= 0:
        raise ValueError("some arm must have a share")
    divided = {arm: divmod(share * rest, total) for arm, share in shares.items()}
    missing = rest - sum(whole for whole, _ in divided.values())
    lucky = sorted(divided, key=lambda arm: -divided[arm][1])[:missing]
    return places | {arm: whole + (arm in lucky) for arm, (whole, _) in divided.items()}


def allocate(former: Allocation, wanted: Mapping[str, int]) -> Allocation:
    """`wanted`: how many places each arm is to have, `PLACES` in all. Each keeps as many of its former as it may."""
    short = dict(wanted)
    kept: list[tuple[str | None, int]] = []
    for piece in former or (Piece("", PLACES),):
        stay = min(piece.places, short.get(piece.arm, 0))
        if stay:
            short[piece.arm] -= stay
        kept += [(piece.arm, stay), (None, piece.places - stay)]
    pieces: list[Piece] = []
    for arm, places in kept:
        pieces += [Piece(arm, places)] if arm is not None else _take(short, places)
    return _join(pieces)


def _take(short: dict[str, int], places: int) -> list[Piece]:
    """So many free places go to those who are short of some, in their order."""
    taken = []
    for arm, missing in short.items():
        part = min(places, missing)
        short[arm] = missing - part
        places -= part
        taken.append(Piece(arm, part))
    return taken


def _join(pieces: list[Piece]) -> Allocation:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].arm == piece.arm:
            joined[-1] = Piece(piece.arm, joined[-1].places + piece.places)
        elif piece.places:
            joined.append(piece)
    return tuple(joined)
