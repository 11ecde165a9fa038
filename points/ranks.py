"""Ranks: what a member has gathered within a period makes their rank, and until when it holds. Pure.

Nothing is remembered: the rank follows from the dated amounts alone, so it can be determined at any time.

    year, month   the better of what the current period and the one before it reached. A rank holds to the end
                  of the period after the one in which it was reached, by the calendar of the program's time zone.
    rolling       what the last `rolling_days` times 24 hours reached; it holds until so much has grown too old.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ids import MemberId, ProgramId
from points.rules import Names

Measure = Literal["points", "visits", "spend"]
Period = Literal["year", "month", "rolling"]


class Rank(msgspec.Struct, frozen=True):
    """A rank of a program."""

    code: str
    """Names the rank."""
    name: Names
    """The rank's name, by language."""
    threshold: int
    """A member who has gathered so much has the rank: points, visits, or minor units of the program's currency."""


class RankRules(msgspec.Struct, frozen=True, kw_only=True):
    """How members reach ranks."""

    program_id: ProgramId
    """The program."""
    measure: Measure
    """What is counted: earned points, visits, or the money that was spent."""
    period: Period
    """`year` and `month`: a rank holds to the end of the next calendar period. `rolling`: as long as the last
    `rolling_days` reach it.
    """
    rolling_days: int | None
    """With `rolling` only: how many days count."""
    time_zone: str
    """The IANA name of the time zone in which a period ends."""
    ranks: tuple[Rank, ...]
    """From the lowest threshold to the highest."""
    version: int
    """Grows with every change."""


class MemberRank(msgspec.Struct, frozen=True, kw_only=True):
    """As last determined, by the rules of that version. `valid_until` None: only other rules can take it."""

    member_id: MemberId
    rank_code: str | None
    since: datetime
    valid_until: datetime | None
    rules_version: int


class RankChange(msgspec.Struct, frozen=True):
    """A member's rank changed."""

    id: UUID
    """The id of the change."""
    former_rank_code: str | None
    """The code of the rank before; null: none."""
    rank_code: str | None
    """The code of the rank since; null: none."""
    at: datetime
    """When it was written down."""


class DatedAmount(msgspec.Struct, frozen=True):
    """So many points, visits or minor units at that moment."""

    at: datetime
    amount: int


class BroughtRank(msgspec.Struct, frozen=True):
    """From before Noren: the member has at least this rank until then."""

    rank_code: str
    until: datetime


class RankStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`rank` None: below the lowest. `gathered` in the current period; `valid_until` None: nothing can take it."""

    rank: Rank | None
    gathered: int
    valid_until: datetime | None
    next_rank: Rank | None
    missing: int | None


def group_by_member(amounts: Iterable[tuple[MemberId, DatedAmount]]) -> dict[MemberId, list[DatedAmount]]:
    grouped: dict[MemberId, list[DatedAmount]] = {}
    for member_id, amount in amounts:
        grouped.setdefault(member_id, []).append(amount)
    return grouped


def measured_since(rules: RankRules, now: datetime) -> datetime:
    """Nothing before it counts."""
    if rules.period == "rolling":
        return now - timedelta(days=rules.rolling_days or 0)
    return _period_start(rules, now, -1)


def evaluate_rank(rules: RankRules, amounts: Sequence[DatedAmount], now: datetime) -> RankStatus:
    """`amounts` in any order; what is not of the measured time is left out."""
    since, rolling = measured_since(rules, now), rules.period == "rolling"
    # What is as old as the window has left it in that moment.
    dated = sorted(
        (each for each in amounts if each.at > since or (each.at == since and not rolling)), key=lambda each: each.at
    )
    if rolling:
        gathered = sum(each.amount for each in dated)
        rank = _reached(rules, gathered)
        return _standing(rules, rank, gathered, _runs_out_at(rules, rank, dated, gathered))
    start = _period_start(rules, now, 0)
    gathered = sum(each.amount for each in dated if each.at >= start)
    now_reached = _reached(rules, gathered)
    before = _reached(rules, sum(each.amount for each in dated if each.at < start))
    if before is not None and (now_reached is None or before.threshold > now_reached.threshold):
        return _standing(rules, before, gathered, _period_start(rules, now, 1))
    floor = now_reached is None or now_reached.threshold <= 0
    return _standing(rules, now_reached, gathered, None if floor else _period_start(rules, now, 2))


def hold_brought(rules: RankRules, status: RankStatus, brought: BroughtRank | None, now: datetime) -> RankStatus:
    """The status with the rank that the member brought along, where that is the higher one and still holds."""
    if brought is None or brought.until <= now:
        return status
    rank = next((each for each in rules.ranks if each.code == brought.rank_code), None)
    if rank is None or (status.rank is not None and status.rank.threshold >= rank.threshold):
        return status
    return _standing(rules, rank, status.gathered, brought.until)


def brought_until(rules: RankRules, now: datetime) -> datetime:
    """Until when a rank without an end of its own holds: as if it had been reached now."""
    if rules.period == "rolling":
        return now + timedelta(days=rules.rolling_days or 0)
    return _period_start(rules, now, 2)


def _standing(rules: RankRules, rank: Rank | None, gathered: int, valid_until: datetime | None) -> RankStatus:
    held = -1 if rank is None else rank.threshold
    following = next((each for each in rules.ranks if each.threshold > held), None)
    missing = None if following is None else max(0, following.threshold - gathered)
    return RankStatus(
        rank=rank,
        gathered=gathered,
        valid_until=valid_until,
        next_rank=following,
        missing=missing,
    )


def _reached(rules: RankRules, gathered: int) -> Rank | None:
    return next((rank for rank in reversed(rules.ranks) if gathered >= rank.threshold), None)


def _runs_out_at(rules: RankRules, rank: Rank | None, dated: Sequence[DatedAmount], gathered: int) -> datetime | None:
    if rank is None or rank.threshold <= 0:
        return None
    for each in dated:
        gathered -= each.amount
        if gathered < rank.threshold:
            return each.at + timedelta(days=rules.rolling_days or 0)
    return None


def _period_start(rules: RankRules, now: datetime, shift: int) -> datetime:
    """Of the period that `now` is in, or so many periods later."""
    zone = ZoneInfo(rules.time_zone)
    local = now.astimezone(zone)
    if rules.period == "year":
        return datetime(local.year + shift, 1, 1, tzinfo=zone).astimezone(UTC)
    months = local.year * 12 + local.month - 1 + shift
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=zone).astimezone(UTC)
