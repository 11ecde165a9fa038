"""What a scanner read or somebody typed at a till, as what it stands for: the one clean-up before every reader. Pure.

Scanners add what they were set to: a prefix that names the symbology, control characters around the text, a line end
in the middle of a long one. A Japanese keyboard types full-width digits, and a prolonged sound mark for a hyphen. What
is copied brings what nobody sees. None of it is ever part of a code or number, so it goes; whatever is left is the
reader's to judge.
"""

import re
import unicodedata

# Whatever is a dash to somebody's eye, besides the category Pd: minus signs, the prolonged sound mark, a box's line.
_DASHES = frozenset("\u02d7\u2043\u2212\u2500\u2501\u2796\u30fc")
# Nobody sees them, and no category says so: fillers, joiners and selectors of a character's shape.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_DROPPED_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_DROPPED_ASCII = re.compile(r"[\x00-\x20\x7f]+")
# ISO/IEC 15424 (AIM): `]`, a letter for the symbology, a character for how it was read; such as ]E0, ]C1, ]Q3, ]F0.
_SYMBOLOGY = re.compile(r"(?:\][A-Za-z][0-9A-Za-z])+")


def clean_scanned(text: str) -> str:
    """In one width, with `-` for every dash, and without spaces, what is not seen, and a scanner's prefix.

    What comes out is changed no more by a second time.
    """
    while not text.isascii():
        cleaned = _clean_wide(text)
        if cleaned == text:
            break
        text = cleaned  # what was apart may have come together
    text = _DROPPED_ASCII.sub("", text)
    prefix = _SYMBOLOGY.match(text)
    return text[prefix.end() :] if prefix else text


def _clean_wide(text: str) -> str:
    kept = []
    for character in unicodedata.normalize("NFKC", _UNSEEN.sub("", text)):
        category = unicodedata.category(character)
        if category == "Pd" or character in _DASHES:
            kept.append("-")
        elif category not in _DROPPED_CATEGORIES:
            kept.append(character)
    return "".join(kept)
