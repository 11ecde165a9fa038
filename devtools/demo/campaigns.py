"""What the chain offers: one campaign for each thing that is worth seeing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from devtools.demo.chain import TIME_ZONE

CAKES = 10
# Of the campaign that makes no phone ring: its coupons come without a push.
QUIET_TITLES = {"今夜のジャズ", "Jazz tonight"}


def make_campaigns(flagships: Sequence[str], now: datetime) -> list[dict[str, Any]]:
    """Bodies for `POST /v1/campaigns`. `flagships` are ids of stores that are visited often.

    The demo must work at any hour, so only the jazz has quiet hours, and it is quiet now: its pushes wait.
    """
    local = now.astimezone(ZoneInfo(TIME_ZONE))
    quiet = {
        "start": f"{(local - timedelta(hours=1)).hour:02d}:00:00",
        "end": f"{(local + timedelta(hours=3)).hour:02d}:00:00",
    }
    return [
        _campaign(
            "Welcome coffee", "enter", now, "ようこそ、コーヒーをどうぞ", "Welcome: a coffee on us", frequency="daily"
        ),
        _campaign(
            "Thank you for coming",
            "visit",
            now,
            "次回のお会計から100円引き",
            "100 yen off",
            benefit={"kind": "amount_off", "amount": 100},
            conditions={"company": "any"},
        ),
        _campaign(
            "Ten strawberry cakes",
            "enter",
            now,
            "先着10名様に苺のケーキ",
            "A strawberry cake for the first ten",
            store_ids=list(flagships),
            cap=CAKES,
        ),
        _campaign("See you again", "exit", now, "またのお越しを", "See you again", frequency="weekly"),
        _campaign("Jazz tonight", "enter", now, "今夜のジャズ", "Jazz tonight", quiet_hours=quiet),
        _campaign("Study hour", "dwell", now, "勉強のお供に", "A refill for your study hour", state="draft"),
        _campaign(
            "Weekday afternoons",
            "enter",
            now,
            "平日14時から17時、2,000円以上で10%引き",
            "10 % off from 2,000 yen, weekdays from 2 to 5",
            state="draft",
            benefit={"kind": "percent_off", "percent": 10},
            conditions={"min_spend": 2000, "hours": [{"weekdays": [1, 2, 3, 4, 5], "start": "14:00", "end": "17:00"}]},
        ),
        _campaign(
            "Coffee tickets",
            "visit",
            now,
            "コーヒー3杯の回数券",
            "Three coffees",
            state="draft",
            benefit={"kind": "free_item"},
            conditions={"item_codes": ["coffee"], "company": "any"},
            coupon_uses=3,
        ),
    ]


def _campaign(name: str, trigger: str, now: datetime, title_ja: str, title_en: str, **settings: Any) -> dict[str, Any]:
    return {
        "name": name,
        "state": "running",
        "trigger": {"kind": trigger},
        "starts_at": (now - timedelta(days=1)).isoformat(),
        "frequency": "once",
        "quiet_hours": None,
        "only_when_open": False,
        "allow_anonymous": True,  # the shoppers of the demo come and go without a name
        "offer": {
            "ja": {"title": title_ja, "body": "{store}のレジでクーポンをお見せください。"},
            "en": {"title": title_en, "body": "Show the coupon at the till of {store}."},
        },
    } | settings
