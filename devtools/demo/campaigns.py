"""What the chain offers: campaigns as a manager would write them, one for each kind of thing that is worth seeing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coupons.campaigns.triggers import TRIGGERS
from devtools.demo.chain import TIME_ZONE

CAKES = 10
# Of the campaign that makes no phone ring: its coupons come without a push.
QUIET = "Jazz tonight"
# What a manager thinks of, and rehearses.
DRAFT = "A second cup"
# Two offers and nobody at all, to see which of them brings more.
TRIED = "Thank you for coming"
# Coupons that no shopper of the demo shows at once: they come silently, or are for a basket.
KEPT_TITLES = {
    "今夜のジャズ", "Jazz tonight",
    "平日ハッピーアワー: 2,000円以上で10%引き", "Weekday happy hour: 10 % off from 2,000 yen",
    "メール会員様にクッキー", "LINEのお友だちにマフィン", "お電話でおかわりをご案内",
}  # fmt: skip

EXPERIMENT: dict[str, Any] = {
    "holdout_percent": 10,
    "variants": [
        {"code": "100-yen", "share": 1},
        {"code": "5-percent", "share": 1, "benefit": {"kind": "percent_off", "percent": 5}},
    ],
}


def make_campaigns(flagships: Sequence[str], now: datetime) -> list[dict[str, Any]]:
    """Bodies for `POST /v1/campaigns`. `flagships` are ids of stores that are visited often.

    The demo must work at any hour, so only the jazz has quiet hours, and it is quiet now: its pushes wait. Nobody gets
    more messages in it than a member may on a day.
    """
    return [*_at_the_door(flagships, now), *_at_the_till(now), *_by_the_calendar(now), *_drafts(now)]


def _at_the_door(flagships: Sequence[str], now: datetime) -> list[dict[str, Any]]:
    local = now.astimezone(ZoneInfo(TIME_ZONE))
    quiet = {
        "start": f"{(local - timedelta(hours=1)).hour:02d}:00:00",
        "end": f"{(local + timedelta(hours=3)).hour:02d}:00:00",
    }
    sweets: dict[str, Any] = {"store_ids": list(flagships), "exclusive_group": "sweets"}
    weekdays = {"weekdays": [1, 2, 3, 4, 5], "start": "14:00", "end": "17:00", "holidays": "exclude"}
    return [
        _campaign(
            "Welcome coffee", "enter", now, "ようこそ、コーヒーをどうぞ", "Welcome: a coffee on us", frequency="daily"
        ),
        _campaign(
            "Ten strawberry cakes",
            "enter",
            now,
            "先着10名様に苺のケーキ",
            "A strawberry cake for the first ten",
            cap=CAKES,
            priority=10,
            **sweets,
        ),
        _campaign("Pudding for all others", "enter", now, "プリンをどうぞ", "A pudding for you", **sweets),
        _campaign(
            "Weekday happy hour",
            "enter",
            now,
            "平日ハッピーアワー: 2,000円以上で10%引き",
            "Weekday happy hour: 10 % off from 2,000 yen",
            hours=[weekdays],
            frequency="daily",
            benefit={"kind": "percent_off", "percent": 10, "max_discount": 500},
            conditions={"min_spend": 2000},
        ),
        _campaign(QUIET, "enter", now, "今夜のジャズ", "Jazz tonight", quiet_hours=quiet),
        _campaign("See you again", "exit", now, "またのお越しを", "See you again", frequency="weekly"),
    ]


def _at_the_till(now: datetime) -> list[dict[str, Any]]:
    tickets = {"item_codes": ["coffee"], "company": "any"}
    return [
        _campaign(
            TRIED,
            "visit",
            now,
            "次回のお会計から100円引き",
            "100 yen off",
            benefit={"kind": "amount_off", "amount": 100},
            conditions={"company": "any"},
        ),
        _campaign(
            "Every fifth visit",
            {"kind": "every_nth_visit", "n": 5},
            now,
            "5回目のご来店にコーヒー3杯の回数券",
            "Three coffees for every fifth visit",
            benefit={"kind": "free_item"},
            conditions=tickets,
            coupon_uses=3,
        ),
    ]


def _by_the_calendar(now: datetime) -> list[dict[str, Any]]:
    """What time gives, and what the staff send out by hand: nobody in the demo waits for it."""
    return [
        _campaign(
            "We have missed you",
            {"kind": "lapsed", "days": 60},
            now,
            "お久しぶりです。300円引き",
            "It has been a while: 300 yen off",
            benefit={"kind": "amount_off", "amount": 300},
        ),
        _campaign(
            "Birthday cake",
            {"kind": "birthday", "days_before": 7, "at": "10:00"},
            now,
            "お誕生日のケーキ",
            "A cake for your birthday",
            starts_at=(now + timedelta(days=1)).isoformat(),
            coupon_valid_days=14,
        ),
        _campaign(
            "The new winter blend",
            "broadcast",
            now,
            "冬限定ブレンド、できました",
            "Our winter blend has arrived",
            benefit={"kind": "item_price", "price": 350},
            conditions={"item_codes": ["winter-blend"]},
        ),
    ]


def for_whom_is_reached(by_mail: str, by_call: str, now: datetime) -> list[dict[str, Any]]:
    """Told of by e-mail, in LINE and by a call. Both audiences are of members who confirmed a contact and consented to
    be told there, so of one of the demo.
    """
    return [
        _campaign(
            "A cookie by e-mail",
            "enter",
            now,
            "メール会員様にクッキー",
            "A cookie for our readers",
            channels=["email"],
            audience_id=by_mail,
        ),
        _campaign(
            "A muffin in LINE",
            "enter",
            now,
            "LINEのお友だちにマフィン",
            "A muffin for our friends",
            channels=["line"],
            audience_id=by_mail,
        ),
        _campaign(
            "A call from the shop",
            "enter",
            now,
            "お電話でおかわりをご案内",
            "A second cup, by a call",
            channels=["voice"],
            audience_id=by_call,
        ),
    ]


def _drafts(now: datetime) -> list[dict[str, Any]]:
    return [
        _campaign(
            DRAFT,
            "enter",
            now,
            "2杯目は150円引き",
            "150 yen off a second cup",
            state="draft",
            frequency="daily",
            day_cap=200,
            benefit={"kind": "amount_off", "amount": 150},
        ),
        _campaign("Study hour", "dwell", now, "勉強のお供に", "A refill for your study hour", state="draft"),
    ]


def _campaign(
    name: str, trigger: str | dict[str, Any], now: datetime, title_ja: str, title_en: str, **settings: Any
) -> dict[str, Any]:
    kind: dict[str, Any] = {"kind": trigger} if isinstance(trigger, str) else trigger
    place_ja, place_en = (
        ("{store}", "{store}") if TRIGGERS[kind["kind"]].needs_store else ("お近くの店舗", "any of our shops")
    )
    return {
        "name": name,
        "state": "running",
        "trigger": kind,
        "starts_at": (now - timedelta(days=1)).isoformat(),
        "frequency": "once",
        "quiet_hours": None,
        "only_when_open": False,
        "allow_anonymous": True,  # the shoppers of the demo come and go without a name
        "offer": {
            "ja": {"title": title_ja, "body": f"{place_ja}のレジでクーポンをお見せください。"},
            "en": {"title": title_en, "body": f"Show the coupon at the till of {place_en}."},
        },
        "messages": _MESSAGES if TRIGGERS[kind["kind"]].rings else {},
    } | settings


# What their e-mails, LINE and calls say; a push says the offer.
_MESSAGES: dict[str, Any] = {
    "email": {
        "ja": {
            "subject": "{program}から: {offer.title}",
            "body": "# {if name}{name}様、{end}{offer.title}\n\n{offer.body}\n\n{expires}までご利用いただけます。\n\n"
            "[クーポンを見る]({link})",
        },
        "en": {
            "subject": "{program}: {offer.title}",
            "body": "# {if name}{name}, {end}{offer.title}\n\n{offer.body}\n\nGood until {expires}.\n\n"
            "[Open the coupon]({link})",
        },
    },
    "line": {
        "ja": {
            "text": "{if name}{name}様、{end}{offer.title}\n{offer.body}\n{expires}まで",
            "button": "クーポンを見る",
        },
        "en": {"text": "{if name}{name}, {end}{offer.title}\n{offer.body}\nUntil {expires}", "button": "Open it"},
    },
    "voice": {
        "ja": {"text": "{program}です。{offer.title}。{expires}までご利用いただけます。"},
        "en": {"text": "This is {program}. {offer.title}. Good until {expires}."},
    },
    "link": "https://card.noren.example/coupons/{coupon_id}",
}
