"""Numbers, money, days and moments as people write them, in the page's language. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision
from babel.units import format_unit

from kit.locales import Locale

# What a program counts in: its smallest unit of money is the yen.
_MONEY: Mapping[Locale, str] = {"ja": "{amount}円", "en": "¥{amount}"}


def write_wait(seconds: int, locale: Locale) -> str:
    """Never shorter than it is: whole minutes from ninety seconds on."""
    unit, count = ("minute", -(-seconds // 60)) if seconds > 90 else ("second", seconds)
    return format_unit(count, f"duration-{unit}", locale=locale)


class Writing(msgspec.Struct, frozen=True):
    """`zone`: by whose clock moments are told. In a template: `f.number(3)`."""

    locale: Locale
    zone: ZoneInfo

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self.locale)

    def signed(self, value: float) -> str:
        """With its sign, also above zero."""
        return ("+" if value > 0 else "") + self.number(value)

    def money(self, value: float) -> str:
        """To the whole yen."""
        whole = int(Decimal(value).to_integral_value())
        return ("-" if whole < 0 else "") + _MONEY[self.locale].format(amount=self.number(abs(whole)))

    def signed_money(self, value: float) -> str:
        return ("+" if int(Decimal(value).to_integral_value()) > 0 else "") + self.money(value)

    def price(self, minor: int, currency: str) -> str:
        """`minor`: in the smallest unit of the currency (ISO 4217)."""
        if currency == "JPY":
            return self.money(minor)
        return format_currency(Decimal(minor).scaleb(-get_currency_precision(currency)), currency, locale=self.locale)

    def major(self, minor: int, currency: str) -> float:
        """The same as a number of the unit in which prices are written."""
        return float(Decimal(minor).scaleb(-get_currency_precision(currency)))

    def percent(self, share: float) -> str:
        """A share of 1, to a tenth of a per cent."""
        return format_percent(share, format="#,##0.#%", locale=self.locale)

    def tenths(self, value: float) -> str:
        return format_decimal(value, format="#,##0.0", locale=self.locale)

    def day(self, value: date) -> str:
        return format_date(value, format="medium", locale=self.locale)

    def day_of(self, value: datetime) -> str:
        return self.day(value.astimezone(self.zone).date())

    def short_day(self, value: date) -> str:
        """Without the year, for the foot of a chart."""
        return format_skeleton("Md", datetime.combine(value, time(), UTC), locale=self.locale)

    def month(self, value: date) -> str:
        return format_skeleton("yMMM", datetime.combine(value, time(), UTC), locale=self.locale)

    def moment(self, value: datetime) -> str:
        return format_datetime(value, format="medium", tzinfo=self.zone, locale=self.locale)
