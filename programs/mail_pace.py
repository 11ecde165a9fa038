"""How fast a program's e-mails go out: a token bucket that holds a second's worth. Pure."""

from datetime import datetime, timedelta

_HELD = timedelta(seconds=1)


def interval_of(per_minute: int) -> timedelta:
    return timedelta(seconds=60 / per_minute)


def take_from_bucket(full_at: datetime, per_minute: int, now: datetime) -> datetime | None:
    """When it is full again after one more e-mail. None: there is no place for one now."""
    interval = interval_of(per_minute)
    return max(full_at, now) + interval if full_at < now + max(_HELD, interval) else None
