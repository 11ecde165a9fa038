"""Japan's public holidays (国民の祝日) and their substitutes, as the library `jpholiday` knows them. Pure."""

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=4096)
def is_public_holiday(day: date) -> bool:
    """Of years to come those are known that the law of today makes."""
    import jpholiday  # noqa: PLC0415 - loaded when the first campaign asks: most programs have none

    return bool(jpholiday.is_holiday(day))
