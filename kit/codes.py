"""Codes that people choose and type, such as a store's: 3 to 40 lower-case letters, digits and hyphens. Pure."""

from typing import Annotated

import msgspec

PATTERN = "^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$"

Code = Annotated[
    # Python's `$` alone would let a line break through at the end.
    str,
    msgspec.Meta(
        pattern=PATTERN.replace("$", r"(?!\n)$"),
        description="3 to 40 of a-z, 0-9 and hyphens; a hyphen neither first nor last",
        examples=["shinjuku-1"],
    ),
]
