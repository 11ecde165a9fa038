"""A condition in words, as the staff read it: what it asks of a member. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from audiences import tree as t
from kit.locales import Locale

_MANY = 3
_JOINTS: Mapping[Locale, tuple[str, str]] = {"en": (", and ", ", or "), "ja": ("、かつ", "、または")}


def describe(tree: t.Tree, locale: Locale) -> str:
    """A clause without an end: `at least 3 visits`. Of a wide tree the first few conditions."""
    if isinstance(tree, t.AllOf | t.AnyOf):
        joint = _JOINTS[locale][isinstance(tree, t.AnyOf)]
        parts = [describe(each, locale) for each in tree.of[:_MANY]]
        return joint.join(parts) + (" …" if len(tree.of) > _MANY else "")
    if isinstance(tree, t.Not):
        inner = describe(tree.of, locale)
        return f"not ({inner})" if locale == "en" else f"「{inner}」ではないこと"
    words = _LEAVES[type(tree)](tree)
    return words[0] if locale == "en" else words[1]


def _range(low: object, high: object, unit_en: str, unit_ja: str) -> tuple[str, str]:
    if low is not None and high is not None:
        return (f"{low} to {high}{unit_en}", f"{low}{unit_ja}以上{high}{unit_ja}以下")
    if high is not None:
        return (f"at most {high}{unit_en}", f"{high}{unit_ja}以下")
    if low is not None:
        return (f"at least {low}{unit_en}", f"{low}{unit_ja}以上")
    return ("any", "任意")


def _list(values: Sequence[object]) -> str:
    return ", ".join(str(each) for each in values[:_MANY]) + (" …" if len(values) > _MANY else "")


def _scope(leaf: t.VisitCount | t.PurchaseTotal) -> tuple[str, str]:
    days = ("", "") if leaf.within_days is None else (f" within {leaf.within_days} days", f"{leaf.within_days}日以内の")
    stores = ("", "") if leaf.store_ids is None else (" at certain stores", "特定の店舗での")
    items = _articles(leaf)
    return items[0] + days[0] + stores[0], days[1] + stores[1] + items[1]


def _articles(leaf: t.VisitCount | t.PurchaseTotal) -> tuple[str, str]:
    if not isinstance(leaf, t.PurchaseTotal):
        return "", ""
    named = [*(leaf.item_codes or ()), *(leaf.categories or ())]
    return (f" of {_list(named)}", f"「{_list(named)}」の") if named else ("", "")


def _attribute(leaf: t.AttributeIs) -> tuple[str, str]:
    if leaf.is_yes is not None:
        return f"{leaf.key} is {'yes' if leaf.is_yes else 'no'}", f"{leaf.key}が{'はい' if leaf.is_yes else 'いいえ'}"
    if leaf.is_one_of is not None:
        return f"{leaf.key} is one of {_list(leaf.is_one_of)}", f"{leaf.key}が次のいずれか: {_list(leaf.is_one_of)}"
    if leaf.starts_with is not None:
        return f"{leaf.key} begins with {leaf.starts_with}", f"{leaf.key}が「{leaf.starts_with}」で始まる"
    low = leaf.at_least if leaf.from_day is None else leaf.from_day
    high = leaf.at_most if leaf.to_day is None else leaf.to_day
    en, ja = _range(low, high, "", "")
    return f"{leaf.key}: {en}", f"{leaf.key}が{ja}"


def _age(leaf: t.AgeIs) -> tuple[str, str]:
    en, ja = _range(leaf.at_least, leaf.at_most, " years", "歳")
    return f"age: {en}", f"年齢が{ja}"


def _birthday(leaf: t.BirthdayIn) -> tuple[str, str]:
    en, ja = _range(leaf.at_least_days, leaf.at_most_days, " days", "日")
    return f"days to the birthday: {en}", f"誕生日まで{ja}"


def _visits(leaf: t.VisitCount) -> tuple[str, str]:
    (en, ja), (scope_en, scope_ja) = _range(leaf.at_least, leaf.at_most, "", "回"), _scope(leaf)
    return f"visits{scope_en}: {en}", f"{scope_ja}来店が{ja}"


def _days_since(what_en: str, what_ja: str) -> Callable[[Any], tuple[str, str]]:
    def words(leaf: Any) -> tuple[str, str]:
        en, ja = _range(leaf.at_least_days, leaf.at_most_days, " days", "日")
        return f"{what_en}: {en}", f"{what_ja}{ja}"

    return words


def _purchases(leaf: t.PurchaseTotal) -> tuple[str, str]:
    is_count = leaf.measure == "count"
    (en, ja), (scope_en, scope_ja) = _range(leaf.at_least, leaf.at_most, "", "回" if is_count else ""), _scope(leaf)
    what_en, what_ja = ("purchases", "購入回数") if is_count else ("spend", "購入額")
    return f"{what_en}{scope_en}: {en}", f"{scope_ja}{what_ja}が{ja}"


def _points(leaf: t.PointsHeld) -> tuple[str, str]:
    en, ja = _range(leaf.at_least, leaf.at_most, "", "")
    return f"points: {en}", f"ポイントが{ja}"


def _stamps(leaf: t.StampsHeld) -> tuple[str, str]:
    en, ja = _range(leaf.at_least, leaf.at_most, "", "個")
    return f"stamps: {en}", f"スタンプが{ja}"


_COUPONS = {
    "issued": ("a coupon was issued", "クーポンを受け取ったことがある"),
    "usable": ("a coupon can be used now", "今使えるクーポンがある"),
    "used": ("a coupon was used", "クーポンを使ったことがある"),
}
_PURPOSES = {
    "location": ("location", "位置情報"),
    "push": ("push messages", "プッシュ通知"),
    "email": ("e-mail", "メール"),
    "line": ("LINE", "LINE"),
    "sms": ("text messages (SMS)", "SMS"),
    "voice": ("calls", "電話"),
    "profiling": ("profiling", "行動分析"),
}


def _coupon(leaf: t.CouponHeld) -> tuple[str, str]:
    en, ja = _COUPONS[leaf.state]
    return (en, ja) if leaf.campaign_id is None else (f"{en}, of a certain campaign", f"特定のキャンペーンの{ja}")


def _consent(leaf: t.ConsentIs) -> tuple[str, str]:
    en, ja = _PURPOSES[leaf.purpose]
    return f"consent to {en}", f"{ja}への同意"


def _reachable(leaf: t.ReachableBy) -> tuple[str, str]:
    en, ja = _PURPOSES[leaf.by]
    return f"can be reached by {en}", f"{ja}が届く"


def _area(leaf: t.InArea) -> tuple[str, str]:
    en, ja = ("the home store", "登録店舗") if leaf.by == "home_store" else ("the postal code", "郵便番号の地点")
    if leaf.polygon is not None:
        return f"{en} lies in a certain area", f"{ja}が指定の区域内にある"
    return f"{en} lies within {leaf.radius_m} m of a place", f"{ja}が指定の場所から{leaf.radius_m}m以内にある"


_LEAVES: Mapping[type, Callable[[Any], tuple[str, str]]] = {
    t.AttributeIs: _attribute,
    t.AgeIs: _age,
    t.BirthdayIn: _birthday,
    t.VisitCount: _visits,
    t.LastVisit: _days_since("days since the last visit", "最後の来店から"),
    t.VisitCycle: _days_since("days between two visits", "来店の間隔が"),
    t.PurchaseTotal: _purchases,
    t.LastPurchase: _days_since("days since the last purchase", "最後の購入から"),
    t.PointsHeld: _points,
    t.RankIs: lambda leaf: (f"rank: {_list(leaf.is_one_of)}", f"ランクが{_list(leaf.is_one_of)}"),
    t.TagIs: lambda leaf: (f"tag: {_list(leaf.is_one_of)}", f"タグが{_list(leaf.is_one_of)}"),
    t.StampsHeld: _stamps,
    t.CouponHeld: _coupon,
    t.ConsentIs: _consent,
    t.PlatformIs: lambda leaf: (f"phone: {_list(leaf.is_one_of)}", f"端末が{_list(leaf.is_one_of)}"),
    t.ReachableBy: _reachable,
    t.HomeStoreIs: lambda _: ("joined at one of certain stores", "特定の店舗で登録した"),
    t.InArea: _area,
    t.JoinedAgo: _days_since("days since joining", "入会から"),
    t.InAudience: lambda _: ("in another audience", "別の対象者に含まれる"),
}
