"""The business days of a store: each begins at an hour that the store chooses, local time. Pure."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def business_day(at: datetime, time_zone: tzinfo, day_start_hour: int) -> date:
    """As visits are counted: a bar that closes at 02:00 counts its last guests to the evening before."""
    return (at.astimezone(time_zone) - timedelta(hours=day_start_hour)).date()


def start_of_day(day: date, time_zone: tzinfo, day_start_hour: int) -> datetime:
    """UTC."""
    return datetime.combine(day, time(day_start_hour), time_zone).astimezone(UTC)
