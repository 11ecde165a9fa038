"""The tags of a row: of one cell, or of several columns that are one list. Pure."""

from collections.abc import Iterable

from imports.values import UnreadableCell, split_tags
from members.tags import MAX_TAG_LENGTH, MAX_TAGS, read_tags


def read_cells_of_tags(texts: Iterable[str]) -> list[str]:
    """Raises UnreadableCell."""
    try:
        tags = read_tags(tag for text in texts for tag in split_tags(text))
    except ValueError:
        raise UnreadableCell(f"one has more than {MAX_TAG_LENGTH} characters") from None
    if len(tags) > MAX_TAGS:
        raise UnreadableCell(f"give {MAX_TAGS} at most")
    return tags
