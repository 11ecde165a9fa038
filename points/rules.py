"""What a visit and a purchase earn, and until when points hold: a program's rules. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from ids import ProgramId
from kit.locales import Locale

Names = Mapping[Locale, str]

# Stands for never: the database's infinity comes back without a time zone.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)

# A purchase earns no more, whatever the rules say: a few mistyped ones must not fill a balance to its type's limit,
# after which the member could not even be scanned.
MAX_POINTS_PER_PURCHASE = 10**12


class PointRules(msgspec.Struct, frozen=True, kw_only=True):
    """What purchases and visits earn. Each whole `amount_step` of a purchase earns `step_points`."""

    program_id: ProgramId
    """The program."""
    currency: str
    """The program's currency (ISO 4217)."""
    amount_step: int
    """In minor units of the currency (for yen: whole yen)."""
    step_points: int
    """The points for each whole step."""
    visit_points: int
    """The points for the first visit of a business day at a store."""
    valid_days: int | None
    """Points expire so many days after the day on which they were earned, at its end. Null: never."""
    time_zone: str
    """The IANA name of the time zone in which a day ends."""


def points_for_amount(rules: PointRules, amount: int) -> int:
    return min(amount // rules.amount_step * rules.step_points, MAX_POINTS_PER_PURCHASE)


def expires_at(rules: PointRules, earned_at: datetime) -> datetime:
    """The end of the last valid day, in the program's time zone: the day of earning is day 0. NEVER without an end."""
    if rules.valid_days is None:
        return NEVER
    zone = ZoneInfo(rules.time_zone)
    last_day = earned_at.astimezone(zone).date() + timedelta(days=rules.valid_days)
    # Midnight by the wall clock: a day on which the clocks change has 23 or 25 hours.
    return datetime.combine(last_day + timedelta(days=1), time(), zone).astimezone(UTC)


def points_to_restore(taken: int, earned: int, expired: int) -> int:
    """How many of `taken` points are no loss of the shop's: of all earned for that day so many ran out unspent.

    By their share, since points of one day cannot be told apart; rounded to the shop's favour.
    """
    return min(taken * expired // earned, expired, taken) if earned > 0 else 0


def points_to_reverse(earned: int, taken_back: int, amount: int, refunded: int) -> int:
    """How many of a purchase's points go when `refunded` of its `amount` has come back in all.

    By the share that stays and not by the rules, which may have changed since; rounded to the shop's favour.
    """
    kept = earned * (amount - refunded) // amount if amount else 0
    return earned - taken_back - kept
