"""Bodies of campaigns as they may come: every trigger, benefit and bound, for Hypothesis."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from coupons.campaigns.triggers import TRIGGERS

TOKYO = ZoneInfo("Asia/Tokyo")
STORE, OTHER = str(UUID(int=1)), str(UUID(int=2))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
WORDS = TEXTS.filter(lambda text: text.strip() == text)
TIMES = st.times().map(lambda at: at.strftime("%H:%M"))
MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("2020-01-01"), max_value=datetime.fromisoformat("2030-01-01")
).map(lambda at: at.replace(tzinfo=TOKYO).isoformat())
NUMBERS = st.integers(1, 10**9)
TAGS = st.sampled_from(["ja", "en", "ko", "zh-Hant"])

TRIGGER: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "stay": {"minutes": st.integers(1, 1440)},
    "nth_visit": {"n": st.integers(2, 1000)},
    "every_nth_visit": {"n": st.integers(2, 1000)},
    "lapsed": {"days": st.integers(1, 3650), "at": TIMES},
    "birthday": {"days_before": st.integers(0, 60), "at": TIMES},
    "points_expiring": {"days_before": st.integers(0, 60), "at": TIMES},
    "rank_expiring": {"days_before": st.integers(0, 60), "at": TIMES},
    "coupon_expiring": {"campaign_id": st.just(OTHER), "days_before": st.integers(0, 60), "at": TIMES},
    "rank_reached": {"rank": st.none() | st.just("gold")},
    "schedule": {
        "first_at": st.just("2026-12-04T18:00"),
        "rule": st.sampled_from([None, "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=WEEKLY;BYDAY=FR;COUNT=3"]),
        "clock": st.sampled_from(["store", "member"]),
        "speed": st.sampled_from([{"kind": "now"}, {"kind": "per_hour", "members": 100}]),
    },
}
TRIGGERS_OF_ALL = st.one_of(
    *(st.fixed_dictionaries({"kind": st.just(kind), **TRIGGER.get(kind, {})}) for kind in TRIGGERS)
)
BENEFITS = st.one_of(
    st.just({"kind": "text"}),
    st.fixed_dictionaries(
        {"kind": st.just("percent_off"), "percent": st.integers(1, 100), "max_discount": st.none() | NUMBERS}
    ),
    st.fixed_dictionaries({"kind": st.just("amount_off"), "amount": NUMBERS}),
    st.fixed_dictionaries({"kind": st.just("free_item"), "quantity": st.integers(1, 100)}),
    st.fixed_dictionaries({"kind": st.just("item_price"), "price": NUMBERS, "quantity": st.integers(1, 100)}),
    st.fixed_dictionaries({"kind": st.just("extra_points"), "points": st.integers(1, 10**6)}),
    st.fixed_dictionaries(
        {
            "kind": st.just("points_multiplied"),
            "times": st.integers(2, 100),
            "max_points": st.none() | st.integers(1, 10**6),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("extra_stamps"), "stamp_card": WORDS, "quantity": st.integers(1, 10)}),
)
HOURS = st.lists(
    st.fixed_dictionaries(
        {
            "weekdays": st.none() | st.lists(st.integers(1, 7), min_size=1, max_size=7),
            "start": TIMES,
            "end": TIMES,
            "holidays": st.sampled_from(["include", "exclude", "only"]),
        }
    ),
    max_size=4,
)
OFFERS = st.dictionaries(
    TAGS, st.fixed_dictionaries({"title": WORDS, "body": WORDS, "terms": st.none() | WORDS}), min_size=1
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "push": st.dictionaries(TAGS, st.fixed_dictionaries({"title": WORDS, "body": WORDS}), min_size=1),
        "line": st.dictionaries(TAGS, st.fixed_dictionaries({"text": WORDS, "button": st.none() | WORDS}), min_size=1),
        "email": st.dictionaries(TAGS, st.fixed_dictionaries({"subject": WORDS, "body": WORDS}), min_size=1),
        "sms": st.dictionaries(TAGS, st.fixed_dictionaries({"text": WORDS}), min_size=1),
        "messenger": st.dictionaries(TAGS, st.fixed_dictionaries({"text": WORDS}), min_size=1),
        "link": st.just("https://card.example/{coupon_id}"),
        "push_look": st.just({"badge": 1}),
    },
)
VALIDITY = st.one_of(
    st.fixed_dictionaries({"coupon_valid_s": st.integers(60, 10**8)}),
    st.fixed_dictionaries({"coupon_valid_days": st.integers(1, 3650)}),
    st.fixed_dictionaries({"coupon_valid_until": MOMENTS}),
)
OFTEN = st.one_of(
    st.fixed_dictionaries(
        {
            "frequency": st.sampled_from(["once", "daily", "weekly", "monthly"]),
            "cooldown_s": st.none() | NUMBERS.filter(lambda each: each < 10**8),
        }
    ),
    st.fixed_dictionaries({"frequency": st.just("rolling"), "every_days": st.integers(2, 3650)}),
)
USE_HOURS = st.fixed_dictionaries(
    {"weekdays": st.none() | st.just([1, 5]), "start": TIMES, "end": TIMES.filter(lambda at: at != "00:00")}
)
CONDITIONS = st.fixed_dictionaries(
    {
        "min_spend": st.integers(0, 10**6),
        "item_codes": st.lists(WORDS, max_size=3),
        "categories": st.lists(WORDS, max_size=3),
        "company": st.sampled_from(["none", "any"]),
    },
    optional={
        "ranks": st.just(["gold"]),
        "hours": st.lists(USE_HOURS, max_size=2),
        "usable_offline": st.booleans(),
        "usable_from": MOMENTS,
        "store_ids": st.just([OTHER]),
    },
) | st.just({"company": "group", "group": "drinks"})
_STEP_MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "line": st.dictionaries(TAGS, st.fixed_dictionaries({"text": WORDS, "button": st.none() | WORDS}), min_size=1),
        "email": st.dictionaries(TAGS, st.fixed_dictionaries({"subject": WORDS, "body": WORDS}), min_size=1),
        "voice": st.dictionaries(TAGS, st.fixed_dictionaries({"text": WORDS}), min_size=1),
        "messenger": st.dictionaries(TAGS, st.fixed_dictionaries({"text": WORDS}), min_size=1),
    },
)
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "after_hours": st.integers(1, 366 * 24),
            "when": st.sampled_from(["unused", "used", "not_back", "back"]),
            "action": st.fixed_dictionaries({"kind": st.just("offer"), "campaign_id": st.just(OTHER)})
            | st.fixed_dictionaries(
                {
                    "kind": st.just("message"),
                    "text": st.dictionaries(TAGS, st.fixed_dictionaries({"title": WORDS, "body": WORDS}), min_size=1),
                    "messages": _STEP_MESSAGES,
                }
            ),
        }
    ),
    max_size=3,
)
QUIET = st.sampled_from(["program", None]) | st.fixed_dictionaries({"start": TIMES, "end": TIMES})


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": draw(WORDS),
        "trigger": draw(TRIGGERS_OF_ALL),
        "benefit": draw(BENEFITS),
        "hours": draw(HOURS),
        "offer": draw(OFFERS),
        "messages": draw(MESSAGES),
        "follow_ups": draw(STEPS),
        "conditions": draw(CONDITIONS),
        "quiet_hours": draw(QUIET),
        "starts_at": draw(MOMENTS),
        "ends_at": draw(st.none() | MOMENTS),
        "coupon_uses": draw(st.integers(1, 100)),
        "store_ids": draw(st.none() | st.just([STORE]) | st.just([STORE, OTHER])),
        "store_groups": draw(st.lists(st.sampled_from(["Kanto", "stations"]), unique=True)),
        "channels": draw(st.permutations(["push", "line", "email"])),
        "fallback_within_minutes": draw(st.integers(0, 1440)),
        "except_days": draw(st.lists(st.just("2026-12-31"), max_size=1)),
        "priority": draw(st.integers(0, 1000)),
        "exclusive_group": draw(st.none() | WORDS),
        "min_trust": draw(st.sampled_from(["doubtful", "low", "high"])),
        "max_event_age_s": draw(st.sampled_from([900, 60])),
    }
    body |= draw(VALIDITY) | draw(OFTEN)
    body |= {name: draw(st.booleans()) for name in ("only_when_open", "on_first_fix", "allow_anonymous")}
    body |= {name: draw(st.none() | NUMBERS) for name in ("cap", "store_cap", "day_cap", "store_day_cap")}
    audience = draw(st.none() | st.just(OTHER))
    return body | {"audience_id": audience, "audience_version": None if audience is None else 3}
