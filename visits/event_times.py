"""How late a till may report what happened while it was offline. Pure."""

from datetime import datetime, timedelta
from typing import Literal

# After more time offline a till's list of revocations is too old to be trusted.
MAX_REPORT_DELAY = timedelta(days=7)
# The till's clock may be ahead of ours by so much.
MAX_CLOCK_LEAD = timedelta(seconds=60)

EventTimeRefusal = Literal["too_old", "in_the_future"]


def judge_event_time(at: datetime, now: datetime) -> EventTimeRefusal | None:
    """Why that time is not believed; None if it is."""
    if at > now + MAX_CLOCK_LEAD:
        return "in_the_future"
    return "too_old" if at < now - MAX_REPORT_DELAY else None
