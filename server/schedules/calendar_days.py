"""What a day means to a trigger of the calendar: whom it concerns, and for what they earn something once. Pure."""

from datetime import date, timedelta

from coupons.campaigns.timed_triggers import BirthdayTrigger, DailyTrigger, Lapsed


def day_meant(trigger: DailyTrigger, day: date) -> date:
    """The day that the trigger speaks of on `day`: of the birthday, of the last visit, on which something expires."""
    if isinstance(trigger, Lapsed):
        return day - timedelta(days=trigger.days)
    return day + timedelta(days=trigger.days_before)


def period_key_of(trigger: DailyTrigger, day: date) -> str:
    """Once a year's birthday; else once for the day that is meant, however the campaign changes meanwhile.

    Without a colon: it is once a person, whichever of their members it concerned (coupons.moves_repository).
    """
    meant = day_meant(trigger, day)
    kind = trigger.kind
    return f"{kind}-{meant.year}" if isinstance(trigger, BirthdayTrigger) else f"{kind}-{meant.isoformat()}"
