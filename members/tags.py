"""Tags that the staff put on members: words of their own, such as `monitor 2026`. Pure.

They are free text, so nobody can tell whether one weighs a person up: audiences know them with the member's consent to
profiling only.
"""

from collections.abc import Iterable

from kit.typed_text import clean_up

MAX_TAGS = 50
MAX_TAG_LENGTH = 40


def read_tags(texts: Iterable[str]) -> list[str]:
    """Each in its one form and once, in order. Raises ValueError for one that is empty or too long."""
    tags = {" ".join(clean_up(text).split()) for text in texts}
    if not all(1 <= len(tag) <= MAX_TAG_LENGTH for tag in tags):
        raise ValueError
    return sorted(tags)
