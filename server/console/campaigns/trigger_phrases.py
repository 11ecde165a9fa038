"""When a campaign gives something: what happens, as the beginning of its sentence. Pure.

Of what a member does the phrase goes on from "a member" and from 会員が; of what only time or the staff do, it stands
alone, and the member comes later in the sentence.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from coupons.campaigns import campaign_triggers as c
from coupons.campaigns import timed_triggers as t
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TRIGGERS
from kit.locales import Locale
from server.console.campaigns.phrases import Names, name_stores, quoted, say_wall

_WEEKDAYS: Mapping[str, tuple[str, str]] = {
    "MO": ("Monday", "月曜日"),
    "TU": ("Tuesday", "火曜日"),
    "WE": ("Wednesday", "水曜日"),
    "TH": ("Thursday", "木曜日"),
    "FR": ("Friday", "金曜日"),
    "SA": ("Saturday", "土曜日"),
    "SU": ("Sunday", "日曜日"),
}
_EVERY: Mapping[str, tuple[str, str]] = {
    "DAILY": ("every day", "毎日"),
    "WEEKLY": ("every week", "毎週"),
    "MONTHLY": ("every month", "毎月"),
    "YEARLY": ("every year", "毎年"),
}


class WhenPhrase(msgspec.Struct, frozen=True):
    """`is_of_member`: the member is its subject."""

    en: str
    ja: str
    is_of_member: bool = True


def say_when(campaign: Campaign, names: Names, locale: Locale) -> WhenPhrase:
    stores = name_stores(campaign, names, locale)
    place = stores or ("any store" if locale == "en" else "いずれかの店舗")
    return _KINDS[type(campaign.trigger)](campaign.trigger, place, names)


def is_at_stores(campaign: Campaign) -> bool:
    """Whether the phrase names the stores: what happens at none is for members who are at home there."""
    return TRIGGERS[campaign.trigger.kind].needs_store


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _in_days(days: int) -> tuple[str, str]:
    if days == 0:
        return "today", "本日"
    return f"in {days} day{'' if days == 1 else 's'}", f"{days}日後に"


def _birthday(trigger: t.BirthdayTrigger, place: str, names: Names) -> WhenPhrase:
    if trigger.days_before == 0:
        return WhenPhrase(f"has their birthday (at {trigger.at})", f"誕生日を迎えると（{trigger.at}に）")
    when = _in_days(trigger.days_before)[0]
    return WhenPhrase(
        f"has their birthday {when} (at {trigger.at})", f"誕生日の{trigger.days_before}日前になると（{trigger.at}に）"
    )


def _expiring(what_en: str, what_ja: str) -> Callable[[Any, str, Names], WhenPhrase]:
    def say(trigger: Any, _place: str, _names: Names) -> WhenPhrase:
        en, ja = _in_days(trigger.days_before)
        return WhenPhrase(f"has {what_en} {en}", f"{what_ja}{ja}期限を迎えると")

    return say


def _coupon_expiring(trigger: t.CouponExpiring, place: str, names: Names) -> WhenPhrase:
    name = names.campaigns.get(trigger.campaign_id, "?")
    en, ja = _in_days(trigger.days_before)
    return WhenPhrase(
        f"has an unused coupon of {quoted(name, 'en')} that expires {en}",
        f"{quoted(name, 'ja')}の未使用クーポンが{ja}期限を迎えると",
    )


def _rank_reached(trigger: t.RankReached, place: str, names: Names) -> WhenPhrase:
    if trigger.rank is None:
        return WhenPhrase("reaches a higher rank", "上のランクに上がると")
    return WhenPhrase(f"reaches the rank {trigger.rank}", f"ランク「{trigger.rank}」に達すると")


def _schedule(trigger: t.Schedule, place: str, names: Names) -> WhenPhrase:
    first = datetime.fromisoformat(trigger.first_at)
    own_en, own_ja = ("", "") if trigger.clock == "store" else (" by the member's own clock", "（会員の現地時刻）")
    if trigger.rule is None:
        en, ja = f"On {say_wall(first, 'en')}{own_en}", f"{say_wall(first, 'ja')}{own_ja}に"
        return WhenPhrase(en, ja, is_of_member=False)
    en, ja = say_rule(trigger.rule)
    return WhenPhrase(
        f"{en[0].upper()}{en[1:]} from {say_wall(first, 'en')} on{own_en}",
        f"{say_wall(first, 'ja')}から{ja}{own_ja}",
        is_of_member=False,
    )


def say_rule(rule: str) -> tuple[str, str]:
    """A simple RRULE in words; one that says more is quoted."""
    parts = dict(each.split("=", 1) for each in rule.upper().removeprefix("RRULE:").split(";"))
    every = _EVERY.get(parts.pop("FREQ", ""))
    days = [_WEEKDAYS.get(day) for day in parts.pop("BYDAY", "").split(",") if day]
    if every is None or parts or None in days:
        return f"by the schedule {rule}", f"スケジュール（{rule}）に沿って"
    if not days:
        return every
    en, ja = (", ".join(day[0] for day in days if day), "・".join(day[1] for day in days if day))
    return f"{every[0]} on {en}", f"{every[1]}{ja}に"


def _at(en: str, ja: str) -> Callable[[Any, str, Names], WhenPhrase]:
    """`{}`: the stores; `{n}`, `{th}`, `{minutes}`, `{days}`: of the trigger."""

    def say(trigger: Any, place: str, _names: Names) -> WhenPhrase:
        fields = msgspec.structs.asdict(trigger)
        number = fields.get("n", 0)
        return WhenPhrase(
            en.format(place, th=_ordinal(number), **fields), ja.format(place, th=_ordinal(number), **fields)
        )

    return say


_KINDS: Mapping[type, Callable[[Any, str, Names], WhenPhrase]] = {
    c.Enter: _at("walks in at {}", "{}に入ると"),
    c.Exit: _at("leaves {}", "{}を出ると"),
    c.Dwell: _at("stays at {} for a while", "{}にしばらく滞在すると"),
    c.Stay: _at("stays at {} for {minutes} minutes", "{}に{minutes}分滞在すると"),
    c.Cross: _at("passes through {}", "{}を通り抜けると"),
    c.Visit: _at("checks in at {}", "{}でチェックインすると"),
    c.FirstVisit: _at("checks in at {} for the first time", "{}に初めて来店すると"),
    c.NthVisit: _at("checks in at {} for the {th} time", "{}への来店が{n}回目になると"),
    c.EveryNthVisit: _at("checks in at {} every {th} time", "{}に{n}回来店するごとに"),
    c.Stamps: _at("fills a stamp card at {}", "{}でスタンプカードがいっぱいになると"),
    c.Code: _at("enters a code from paper", "紙のコードを登録すると"),
    c.FollowUp: _at("comes to the step of another campaign that gives this one", "別のキャンペーンの続きとして届くと"),
    t.Broadcast: lambda *_: WhenPhrase("When you send it out by hand", "手動で配信すると", is_of_member=False),
    t.Schedule: _schedule,
    t.BirthdayTrigger: _birthday,
    t.Lapsed: _at("has not come for {days} days", "{days}日間来店しないと"),
    t.PointsExpiring: _expiring("points that expire", "ポイントが"),
    t.CouponExpiring: _coupon_expiring,
    t.RankExpiring: _expiring("a rank that ends", "ランクが"),
    t.RankReached: _rank_reached,
    t.Joined: _at("joins", "入会すると"),
    t.Claimed: _at("takes a card from before into the app", "以前のカードをアプリに引き継ぐと"),
}
