"""Cursor paging over UUID version 7 keys, newest first. One row more than asked for tells of a next page."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from kit.ids import from_text, to_text

T = TypeVar("T")

MAX_LIMIT = 200
# Sorts after every UUID version 7: the first page begins here.
NEWEST = UUID(int=2**128 - 1)


class InvalidCursor(ValueError):
    """Not a cursor that an earlier page gave."""


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list."""

    items: Sequence[T]
    """The items, the newest first."""
    next_cursor: str | None
    """Send it as `cursor` for the next page; null: this is the last one."""


class PageRequest(msgspec.Struct, frozen=True):
    before: UUID
    limit: int

    @property
    def fetch_count(self) -> int:
        return self.limit + 1


def parse_page(cursor: str | None, limit: int) -> PageRequest:
    """Raises InvalidCursor."""
    if cursor is None:
        return PageRequest(NEWEST, limit)
    try:
        return PageRequest(UUID(bytes=from_text(cursor)), limit)
    except ValueError as error:
        raise InvalidCursor from error


def make_page(rows: Sequence[T], request: PageRequest, key: Callable[[T], UUID]) -> Page[T]:
    """`rows` were fetched with `fetch_count` as the limit."""
    if len(rows) <= request.limit:
        return Page(rows, None)
    items = rows[: request.limit]
    return Page(items, to_text(key(items[-1]).bytes))
