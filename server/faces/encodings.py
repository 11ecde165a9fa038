"""Which compression a browser takes (RFC 9110, 12.5.3). Pure."""

from typing import Literal

Encoding = Literal["br", "gzip"]


def takes(encoding: Encoding, accepted: str) -> bool:
    """`accepted`: the header Accept-Encoding."""
    for part in accepted.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        if name == encoding:
            return not weight or weight.strip("0.") != ""
    return False
