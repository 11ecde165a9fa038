"""Numbers that members had before Noren: the program's own number of a member, and those of plastic cards. Pure.

Each is kept as a handle (its keyed hash), which leads to the member; like any number it identifies, and proves nothing.
"""

import re

from kit.scanned_text import clean_scanned

_OWN_NUMBER = re.compile("[0-9A-Z][0-9A-Z_./-]{0,39}")
_PLASTIC_CARD = re.compile("[0-9A-Z]{8,20}")


def parse_own_number(text: str) -> str | None:
    """The one form of it: 1 to 40 letters, digits and `-_./`, in capitals; None for what is none.

    Zeros at its beginning count.
    """
    number = clean_scanned(text).upper()
    return number if _OWN_NUMBER.fullmatch(number) else None


def parse_plastic_card(text: str) -> str | None:
    """The 8 to 20 letters and digits that stand on it, in capitals and without spaces and hyphens; None for others.

    Start and stop letters of NW-7 are the number's, where the program's file has them.
    """
    number = clean_scanned(text).replace("-", "").upper()
    return number if _PLASTIC_CARD.fullmatch(number) else None
