"""Whom a campaign is for, as a part of its sentence: "a member who has not come for 30 days". Pure.

What is often asked for has words of its own; the rest is said as elsewhere (`audiences.describe`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from audiences import tree as t
from audiences.describe import describe
from kit.locales import Locale
from server.console.campaigns.phrases import quoted

# What goes on from "a member who", and what stands before 会員. None: it needs other words.
_Pair = tuple[str, str] | None
_MANY = 3


def say_who(tree: t.Tree | None, name: str | None, locale: Locale) -> str:
    """`name`: of the saved audience, where its tree would be too long."""
    if tree is None:
        return "a member" if locale == "en" else "会員"
    leaves = tree.of if isinstance(tree, t.AllOf) else [tree]
    said = [_say(each) for each in leaves]
    if len(leaves) <= _MANY and all(said):
        words = [each for each in said if each is not None]
        if locale == "en":
            return "a member who " + " and ".join(each[0] for each in words)
        return "、".join(each[1] for each in words) + "会員"
    if name is not None:
        return f"a member of {quoted(name, 'en')}" if locale == "en" else f"{quoted(name, 'ja')}の会員"
    return f"a member ({describe(tree, 'en')})" if locale == "en" else f"会員（{describe(tree, 'ja')}）"


def _say(tree: t.Tree) -> _Pair:
    if isinstance(tree, t.Not) and isinstance(tree.of, t.CouponHeld) and tree.of.campaign_id is None:
        return _NO_COUPON[tree.of.state]
    say = _LEAVES.get(type(tree))
    return None if say is None else say(tree)


def _days_ago(never_en: str, never_ja: str, within_en: str, within_ja: str) -> Callable[[Any], _Pair]:
    def say(leaf: Any) -> _Pair:
        least, most = leaf.at_least_days, leaf.at_most_days
        if most is None and least is not None:
            return never_en.format(least), never_ja.format(least)
        if least is None and most is not None:
            return within_en.format(most), within_ja.format(most)
        return None

    return say


def _visits(leaf: t.VisitCount) -> _Pair:
    if leaf.store_ids is not None:
        return None
    days = leaf.within_days
    en, ja = ("", "") if days is None else (f" in the last {days} days", f"直近{days}日間に")
    if leaf.at_most is None and leaf.at_least is not None:
        return f"has come at least {_times(leaf.at_least)}{en}", f"{ja}{leaf.at_least}回以上来店した"
    if leaf.at_least is None and leaf.at_most is not None:
        return f"has come at most {_times(leaf.at_most)}{en}", f"{ja}来店が{leaf.at_most}回以下の"
    return None


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _points(leaf: t.PointsHeld) -> _Pair:
    if leaf.at_most is None and leaf.at_least is not None:
        return f"has at least {leaf.at_least} points", f"{leaf.at_least}ポイント以上を持つ"
    return None


def _birthday(leaf: t.BirthdayIn) -> _Pair:
    if leaf.at_least_days:
        return None
    if leaf.at_most_days == 0:
        return "has their birthday today", "今日が誕生日の"
    return f"has their birthday within {leaf.at_most_days} days", f"{leaf.at_most_days}日以内に誕生日を迎える"


def _age(leaf: t.AgeIs) -> _Pair:
    if leaf.at_least is not None and leaf.at_most is not None:
        return f"is {leaf.at_least} to {leaf.at_most} years old", f"{leaf.at_least}〜{leaf.at_most}歳の"
    if leaf.at_least is not None:
        return f"is {leaf.at_least} years old or older", f"{leaf.at_least}歳以上の"
    return f"is {leaf.at_most} years old or younger", f"{leaf.at_most}歳以下の"


_COUPONS: Mapping[str, tuple[str, str]] = {
    "issued": ("has been given a coupon", "クーポンを受け取ったことがある"),
    "usable": ("holds a coupon", "使えるクーポンを持つ"),
    "used": ("has used a coupon", "クーポンを使ったことがある"),
}
_NO_COUPON: Mapping[str, tuple[str, str]] = {
    "issued": ("has never been given a coupon", "クーポンを受け取ったことがない"),
    "usable": ("holds no coupon", "使えるクーポンを持たない"),
    "used": ("has never used a coupon", "クーポンを使ったことがない"),
}


def _coupon(leaf: t.CouponHeld) -> _Pair:
    return _COUPONS[leaf.state] if leaf.campaign_id is None else None


def _listed(before_en: str, after_ja: str) -> Callable[[Any], _Pair]:
    def say(leaf: Any) -> _Pair:
        if len(leaf.is_one_of) > _MANY:
            return None
        return before_en.format(" or ".join(leaf.is_one_of)), after_ja.format("・".join(leaf.is_one_of))

    return say


_LEAVES: Mapping[type, Callable[[Any], _Pair]] = {
    t.LastVisit: _days_ago(
        "has not come for {} days", "{}日以上来店していない", "has come in the last {} days", "直近{}日間に来店した"
    ),
    t.LastPurchase: _days_ago(
        "has not bought for {} days", "{}日以上購入していない", "has bought in the last {} days", "直近{}日間に購入した"
    ),
    t.JoinedAgo: _days_ago(
        "joined at least {} days ago", "入会から{}日以上たった", "joined in the last {} days", "入会から{}日以内の"
    ),
    t.VisitCount: _visits,
    t.PointsHeld: _points,
    t.BirthdayIn: _birthday,
    t.AgeIs: _age,
    t.CouponHeld: _coupon,
    t.RankIs: _listed("has the rank {}", "ランクが{}の"),
    t.TagIs: _listed("has the tag {}", "タグ「{}」の付いた"),
}
