"""A program's own colour on its pages: the style sheet that says so. Pure.

Style stands in files (the CSP lets no page have some of its own), so each program's colour is a small file too.
"""

import re

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_DARK_INK, _LIGHT_INK = "#1c1a17", "#ffffff"


def write_colours(colour: str | None) -> str:
    """The tokens that differ from those of `noren.css`; nothing where the program has no colour of its own."""
    if colour is None or _COLOUR.fullmatch(colour) is None:
        return ""
    return f":root {{ --brand: {colour}; --on-brand: {_ink_on(colour)}; }}\n"


def _ink_on(colour: str) -> str:
    """Whichever of the two is the easier to read on it (WCAG 2.2, contrast ratio)."""
    return max(_DARK_INK, _LIGHT_INK, key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
