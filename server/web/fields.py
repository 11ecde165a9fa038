"""Kinds of values that several resources share, and the paging parameters."""

from datetime import date
from typing import Annotated, TypeVar

import msgspec
from litestar.params import QueryParameter

from kit.pages import MAX_LIMIT
from programs.passwords import MIN_LENGTH

T = TypeVar("T")

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90, description="WGS 84 degrees")]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180, description="WGS 84 degrees")]
LocalTime = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(?!\n)$",
        description="the store's wall clock, seconds optional",
        examples=["21:00"],
    ),
]
# A one-time code as somebody types it, and the digits of a card's QR code.
TypedCode = Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["123 456"])]
CardCode = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Password = Annotated[str, msgspec.Meta(min_length=MIN_LENGTH, max_length=1000)]
# As the store shows it to people. The column has the same CHECK.
AppVersion = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[!-~][ -~]{0,31}(?!\n)$",
        description="1 to 32 printable ASCII characters, of which the first is no space",
        examples=["3.2.1"],
    ),
]
TextVersion = Annotated[str, msgspec.Meta(min_length=1, max_length=100, description="which wording was shown")]

Cursor = Annotated[
    str | None, QueryParameter(name="cursor", description="`next_cursor` of the page before; none to begin")
]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_LIMIT, description="how many items at most")]

FromDay = Annotated[
    date | None, QueryParameter(name="from_day", description="the first business day of the store that counts")
]
ToDay = Annotated[
    date | None, QueryParameter(name="to_day", description="the last one; the same as `from_day` for a single day")
]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request body. An unknown field is refused: it is a mistake that would otherwise go unseen."""
