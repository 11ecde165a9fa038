"""What was scanned or typed, as a number that a member had before Noren. Pure.

A scanner of NW-7 sends the start and stop letters or not, as it is set, and so does a chain's file: both are tried.
"""

from typing import TypeAlias

from kit.scanned_text import clean_scanned
from members.handles import HandleKind
from members.numbers import parse_own_number, parse_plastic_card

FormerNumber: TypeAlias = tuple[HandleKind, str]

_GUARDS = frozenset("ABCD")


def read_former_numbers(text: str) -> list[FormerNumber]:
    """In the order in which they are tried; empty where it can be none. A member number of fewer than eight characters
    is none that a till takes: it is too easily typed by mistake.
    """
    card = parse_plastic_card(text)
    if card is None:
        return []
    bare = parse_plastic_card(card[1:-1]) if card[0] in _GUARDS and card[-1] in _GUARDS else None
    own = parse_own_number(clean_scanned(text))
    numbers: list[FormerNumber | None] = [
        ("plastic_card", card),
        None if bare is None else ("plastic_card", bare),
        None if own is None else ("own_number", own),
        None if own == card else ("own_number", card),
    ]
    return [number for number in numbers if number is not None]
