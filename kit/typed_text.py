"""What a person typed or pasted, as the characters that they meant. Pure."""

import re
import unicodedata

# They shape Persian and Indic letters, and a domain may have them there (RFC 5892, appendix A.1 and A.2).
_JOINER = re.compile(r"(?<=[^\x00-\x7f])[\u200c\u200d]")


def clean_up(text: str) -> str:
    """In one width, without what nobody sees.

    A Japanese keyboard types full-width letters and digits; a number that is copied from a phone's contacts stands
    between marks of its writing direction.
    """
    if text.isascii():  # in one width, and seen
        return text.strip()
    normal = unicodedata.normalize("NFKC", text)
    joiners = {found.start() for found in _JOINER.finditer(normal)}
    seen = [char for i, char in enumerate(normal) if i in joiners or unicodedata.category(char) != "Cf"]
    return "".join(seen).strip()
