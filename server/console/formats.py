"""Numbers, money, days and moments as people write them, in the page's language. Pure."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal, format_percent

from kit.locales import Locale

# What a program counts in: its smallest unit of money is the yen.
_MONEY: Mapping[Locale, str] = {"ja": "{amount}円", "en": "¥{amount}"}


def number(value: float, locale: Locale) -> str:
    return format_decimal(value, locale=locale)


def signed(value: int, locale: Locale) -> str:
    """With its sign, also above zero."""
    return ("+" if value > 0 else "") + format_decimal(value, locale=locale)


def money(value: float, locale: Locale) -> str:
    """To the whole yen."""
    whole = int(Decimal(value).to_integral_value())
    sign = "-" if whole < 0 else ""
    return sign + _MONEY[locale].format(amount=format_decimal(abs(whole), locale=locale))


def signed_money(value: float, locale: Locale) -> str:
    text = money(value, locale)
    return text if text.startswith("-") or text == money(0, locale) else f"+{text}"


def percent(share: float, locale: Locale) -> str:
    """A share of 1, to a tenth of a per cent."""
    return format_percent(share, format="#,##0.#%", locale=locale)


def day(value: date, locale: Locale) -> str:
    return format_date(value, format="medium", locale=locale)


def short_day(value: date, locale: Locale) -> str:
    """Without the year, for the foot of a chart."""
    return format_skeleton("Md", datetime.combine(value, time(), UTC), locale=locale)


def moment(value: datetime, locale: Locale, zone: ZoneInfo) -> str:
    return format_datetime(value.astimezone(zone), format="medium", tzinfo=zone, locale=locale)


def month(value: date, locale: Locale) -> str:
    return format_skeleton("yMMM", datetime.combine(value, time(), UTC), locale=locale)


def seconds(value_ms: float, locale: Locale) -> str:
    """Of how long something took: to a tenth of a second."""
    return format_decimal(value_ms / 1000, format="#,##0.0", locale=locale)


def in_language(locale: Locale, zone: ZoneInfo) -> dict[str, Callable[..., str]]:
    """As a template calls them: `f.number(3)`."""
    plain = (number, signed, money, signed_money, percent, day, short_day, month, seconds)
    named: dict[str, Callable[..., str]] = {each.__name__: _bound(each, locale) for each in plain}
    return named | {"moment": lambda value: moment(value, locale, zone)}


def _bound(write: Callable[..., str], locale: Locale) -> Callable[..., str]:
    return lambda value: write(value, locale)
