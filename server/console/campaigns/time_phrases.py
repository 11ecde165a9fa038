"""At which hours, how often and how many: the parts of a campaign's sentence that bound it. Pure."""

from collections.abc import Mapping, Sequence

from coupons.campaigns.campaign import Campaign, Frequency
from coupons.campaigns.event_hours import EventHours
from coupons.campaigns.triggers import TRIGGERS
from coupons.issuing.validity import ForDays, ForSeconds
from kit.locales import Locale
from server.console.campaigns.phrases import Names, say_day, say_moment, say_number, say_span

_MIDNIGHT = "00:00"
_DAYS: Mapping[Locale, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ja": ("月", "火", "水", "木", "金", "土", "日"),
}
_OFTEN: Mapping[Frequency, tuple[str, str]] = {
    "once": ("once in all", "1人1回限り"),
    "daily": ("once a day", "1日1回まで"),
    "weekly": ("once a week", "週1回まで"),
    "monthly": ("once a month", "月1回まで"),
}


def say_hours(campaign: Campaign, locale: Locale) -> str | None:
    """`on a weekday before 17:00`; None: at any time."""
    return say_each_hours(campaign.hours, locale)


def say_each_hours(hours: Sequence[EventHours], locale: Locale) -> str | None:
    said = [_say_one(each, locale) for each in hours]
    return (" or " if locale == "en" else "、または").join(said) or None


def _say_one(hours: EventHours, locale: Locale) -> str:
    days, clock = _say_days(hours, locale), _say_clock(hours.start[:5], hours.end[:5], locale)
    if locale == "en":
        return " ".join(part for part in (days, clock) if part) or "at any hour"
    return "の".join(part for part in (days, clock) if part) or "終日"


def _say_days(hours: EventHours, locale: Locale) -> str:
    days = tuple(sorted(set(hours.weekdays or range(1, 8))))
    if hours.holidays == "only":
        return "on a public holiday" if locale == "en" else "祝日"
    if days == (1, 2, 3, 4, 5):
        said = "on a weekday" if locale == "en" else "平日"
    elif days == (6, 7):
        said = "at the weekend" if locale == "en" else "土日"
    elif len(days) == 7:
        said = ""
    else:
        names = [_DAYS[locale][day - 1] for day in days]
        said = "on " + " or ".join(names) if locale == "en" else "・".join(names) + "曜日"
    if hours.holidays == "include":
        return said
    apart = "except on public holidays" if locale == "en" else "（祝日を除く）"
    return f"{said} {apart}".strip() if locale == "en" else f"{said}{apart}"


def _say_clock(start: str, end: str, locale: Locale) -> str:
    if start == end:
        return ""
    if start == _MIDNIGHT:
        return f"before {end}" if locale == "en" else f"{end}まで"
    if end == _MIDNIGHT:
        return f"from {start} on" if locale == "en" else f"{start}以降"
    return f"between {start} and {end}" if locale == "en" else f"{start}〜{end}"


def say_often(campaign: Campaign, locale: Locale) -> str | None:
    """None where the event itself says how often."""
    place = 0 if locale == "en" else 1
    if campaign.frequency == "rolling":
        days = campaign.every_days
        return (f"once in {days} days", f"{days}日に1回まで")[place]
    if TRIGGERS[campaign.trigger.kind].once != "frequency":
        return None
    return _OFTEN[campaign.frequency][place]


def say_distance(campaign: Campaign, locale: Locale) -> str | None:
    if campaign.cooldown_s is None:
        return None
    span = say_span(campaign.cooldown_s, locale)
    if locale == "en":
        return f"After a coupon nobody earns another for {span}."
    return f"クーポン獲得後{span}は、次のクーポンを獲得できません。"


def say_budget(campaign: Campaign, locale: Locale) -> str | None:
    told = (
        (campaign.cap, "{} in all", "全体で{}枚"),
        (campaign.store_cap, "{} at each store", "店舗ごとに{}枚"),
        (campaign.day_cap, "{} a day", "1日{}枚"),
        (campaign.store_day_cap, "{} a day at each store", "店舗ごとに1日{}枚"),
    )
    parts = [(en if locale == "en" else ja).format(say_number(cap, locale)) for cap, en, ja in told if cap is not None]
    if not parts:
        return None
    return f"At most {', '.join(parts)}." if locale == "en" else f"発行は{'、'.join(parts)}までです。"


def say_dates(campaign: Campaign, names: Names, locale: Locale) -> str:
    begin = say_day(campaign.starts_at, names.zone, locale)
    if campaign.ends_at is None:
        return f"From {begin} on" if locale == "en" else f"{begin}から"
    end = say_moment(campaign.ends_at, names.zone, locale)
    return f"From {begin} until {end}" if locale == "en" else f"{begin}から{end}まで"


def say_validity(campaign: Campaign, names: Names, locale: Locale) -> str:
    validity = campaign.coupon_validity
    if isinstance(validity, ForSeconds):
        span = say_span(validity.seconds, locale)
        return f"A coupon is good for {span}." if locale == "en" else f"クーポンの有効期間は{span}です。"
    if isinstance(validity, ForDays):
        if validity.days == 1:
            return "A coupon is good on the same day only." if locale == "en" else "クーポンは当日限り有効です。"
        if locale == "en":
            return f"A coupon is good for {validity.days} business days."
        return f"クーポンは当日を含めて{validity.days}営業日有効です。"
    until = say_moment(validity.at, names.zone, locale)
    return f"Coupons are good until {until}." if locale == "en" else f"クーポンは{until}まで有効です。"
