"""What people call something: a program, a store, themselves. One rule, wherever a name comes from. Pure."""

from typing import Annotated

import msgspec

# Unicode's signs that turn the direction of writing until they are taken back (embeddings, overrides and isolates): a
# name with one shows as something else than it is, and so does what stands behind it on a page. Marks that say the
# direction of their neighbours only (U+200E, U+200F) stay: names in Hebrew and Arabic need them.
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_TURNING_RANGES = r"\u202a-\u202e\u2066-\u2069"

MAX_NAME = 200
# Not of spaces only: nobody could see it, and an empty cell of a table would mean the same.
Name = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=MAX_NAME,
        pattern=rf"^[^{_TURNING_RANGES}]*[^\s{_TURNING_RANGES}][^{_TURNING_RANGES}]*(?!\n)$",
        description="something else than spaces, and no sign that turns the direction of writing",
    ),
]


def is_name(text: str) -> bool:
    """Whether `Name` takes it."""
    return len(text) <= MAX_NAME and text.strip() != "" and not has_turning(text)


def has_turning(text: str) -> bool:
    return not text.isascii() and not set(TURNING).isdisjoint(text)
