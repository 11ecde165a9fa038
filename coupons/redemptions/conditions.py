"""When and for what a coupon may be used: times, stores, a least amount, items, company, rank. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

import msgspec

from ids import StoreId

# `none`: by itself only. `any`: with all that may be used with others. `group`: with its own group and with `any`.
Company = Literal["none", "any", "group"]

_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Codes = Annotated[list[_Code], msgspec.Meta(max_length=500)]


_WallTime = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(?!\n)$",
        description="the store's wall clock, seconds optional",
        examples=["14:00"],
    ),
]
_Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]


class UseHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a coupon may be used, by the clock of the till's store."""

    weekdays: Annotated[list[_Weekday], msgspec.Meta(min_length=1, max_length=7)] | None = None
    """The days, from 1 (Monday) to 7 (Sunday). Hours that run past midnight belong to the day on which they begin.
    Null: every day."""
    start: _WallTime = "00:00"
    """The first moment of the day."""
    end: _WallTime = "00:00"
    """The first moment that is too late. Before `start`: on the next day. The same as `start`: 24 hours later."""

    def holds(self, local: datetime) -> bool:
        return any(self.is_of(day) for day in self.days_at(local))

    def days_at(self, local: datetime) -> list[date]:
        """The days whose hours hold then, if they are for those: today, and yesterday where they run past midnight."""
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        wall, today = local.time(), local.date()
        if start < end:
            return [today] if start <= wall < end else []
        return [*([today] if wall >= start else []), *([today - timedelta(days=1)] if wall < end else [])]

    def is_of(self, day: date) -> bool:
        return self.weekdays is None or day.isoweekday() in self.weekdays


class Conditions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When and for what a coupon may be used. What is left out binds nobody."""

    usable_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """From this moment on. Null: from its issue."""
    hours: Annotated[list[UseHours], msgspec.Meta(max_length=20)] = msgspec.field(default_factory=list)
    """In one of these hours. Empty: at any time."""
    store_ids: Annotated[list[StoreId], msgspec.Meta(min_length=1, max_length=10_000)] | None = None
    """At these of the campaign's stores. Null: at all of them."""
    min_spend: Annotated[int, msgspec.Meta(ge=0, le=10**9)] = 0
    """What the items that it holds for must come to before any discount, in minor units of the program's currency."""
    item_codes: _Codes = msgspec.field(default_factory=list)
    """The items that it holds for, by the codes that tills send. Empty, and no categories: for all."""
    categories: _Codes = msgspec.field(default_factory=list)
    """The categories that it holds for, by the names that tills send."""
    company: Company = "none"
    """With which other coupons it goes on one receipt: with none (`none`), with each that allows it too (`any`), or
    with those and its own `group`, but no other group (`group`)."""
    group: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    """The name of its group, where `company` is `group`."""
    ranks: Annotated[list[_Code], msgspec.Meta(max_length=100)] = msgspec.field(default_factory=list)
    """For members of these ranks only, by their codes. Empty: for everybody."""
    usable_offline: bool = False
    """Whether tills without a line may take it, by a code that the program has signed. What turns out to have
    been taken twice is listed as a conflict. Not with ranks, and not where the basket must be judged."""

    @property
    def holds_for_some(self) -> bool:
        return bool(self.item_codes or self.categories)

    def holds_for(self, code: str | None, category: str | None) -> bool:
        return not self.holds_for_some or code in self.item_codes or category in self.categories


def may_go_together(one: Conditions, other: Conditions) -> bool:
    """On one receipt; the same whichever comes first."""
    if "none" in (one.company, other.company):
        return False
    return "any" in (one.company, other.company) or one.group == other.group


def is_within(hours: Sequence[UseHours], local: datetime) -> bool:
    return not hours or any(each.holds(local) for each in hours)
