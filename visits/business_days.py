"""The business day that a moment belongs to: it begins at an hour that the store chooses, local time. Pure."""

from datetime import date, datetime, timedelta


def business_day(local: datetime, day_start_hour: int) -> date:
    """A bar that closes at 02:00 counts its last guests to the evening before."""
    return (local - timedelta(hours=day_start_hour)).date()
