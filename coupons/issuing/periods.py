"""How often a member gets a campaign's coupon: once a period of the store's calendar, and in what distance. Pure.

Days are business days, as visits and the days of a coupon are counted.
"""

from datetime import date, datetime, timedelta, tzinfo

from coupons.campaigns.campaign import Campaign, Frequency
from coupons.issuing.business_days import business_day, start_of_day


def period_key(frequency: Frequency, day: date) -> str:
    """The period that the business day falls into; weeks are ISO 8601's. Of a rolling one, the day itself."""
    if frequency in ("daily", "rolling"):
        return day.isoformat()
    if frequency == "weekly":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return f"{day:%Y-%m}" if frequency == "monthly" else "once"


def last_before(campaign: Campaign, event_at: datetime, time_zone: tzinfo, day_start_hour: int) -> datetime | None:
    """Before which moment the member's last coupon of the campaign must have been earned; None: at any time."""
    bounds = []
    if campaign.every_days is not None:
        day = business_day(event_at, time_zone, day_start_hour) - timedelta(days=campaign.every_days - 1)
        bounds.append(start_of_day(day, time_zone, day_start_hour))
    if campaign.cooldown_s is not None:
        bounds.append(event_at - timedelta(seconds=campaign.cooldown_s))
    return min(bounds, default=None)
