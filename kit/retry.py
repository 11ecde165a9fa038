"""How long to wait before another attempt. Pure: the number of failures and the jitter are arguments."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Larger exponents change nothing, for every wait has a maximum; and a large count must not overflow.
_MAX_DOUBLINGS = 32
# What is asked to wait longer than that is asked again then: no server knows its day after next, and a date of the year
# 9999 is no moment that a clock could be set to.
LONGEST_RETRY_AFTER_S = 86_400.0


def backoff_s(failures: int, *, first_s: float, max_s: float) -> float:
    """Seconds after so many failures in a row, the last one included: `first_s`, then twice as long each time."""
    return min(max_s, first_s * 2.0 ** min(failures - 1, _MAX_DOUBLINGS))


def with_jitter(seconds: float, jitter: float, *, spread: float = 0.5) -> float:
    """Longer by up to `spread` of it, so that those that failed together do not come back together.

    `jitter` is a random number in [0, 1).
    """
    return seconds * (1 + jitter * spread)


def read_retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number of them or an HTTP date (RFC 9110, 10.2.3). Else None.

    At most a day, whatever it says. The one reader of this header.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_AFTER_S)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    asked_s = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(0.0, asked_s), LONGEST_RETRY_AFTER_S)
