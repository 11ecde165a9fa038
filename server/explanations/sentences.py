"""Why, and what would have to differ: the sentences of each outcome, in English and Japanese. Pure.

A word in braces stands for what the rule read (`coupons.issuing.inputs`), written by `words_of`.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo

import msgspec

from coupons.issuing.rules import Decision
from kit.locales import Locale
from visits.trust import TRUST_LEVELS

Texts = Mapping[Locale, str]

_MOMENTS = frozenset({"starts_at", "ends_at", "valid_until", "last_before", "at", "last_fix_at", "created_at", "now"})
_SPANS = frozenset({"age_s", "max_event_age_s"})
_LEVELS = frozenset({"trust", "min_trust"})


_CAPS: Mapping[str, Texts] = {
    "campaign": {"en": "the cap over all stores and days", "ja": "キャンペーン全体の上限"},
    "day": {"en": "the cap of a day", "ja": "1日の上限"},
    "store": {"en": "the cap of a store", "ja": "店舗ごとの上限"},
    "store_day": {"en": "the cap of a store and day", "ja": "店舗ごとの1日の上限"},
}


class Pair(msgspec.Struct, frozen=True):
    """`why` it came so, and `change`: what would have to differ for a coupon; None where there is one."""

    why: Texts
    change: Texts | None


def pair(why_en: str, why_ja: str, change_en: str | None = None, change_ja: str | None = None) -> Pair:
    change: Texts | None = None
    if change_en is not None and change_ja is not None:
        change = {"en": change_en, "ja": change_ja}
    return Pair({"en": why_en, "ja": why_ja}, change)


OUTCOMES: Mapping[Decision, Pair] = {
    "issued": pair("A coupon was issued.", "クーポンを発行しました。"),
    "already_issued": pair(
        "The member has had this campaign's coupon of the period already ({period}).",
        "この期間（{period}）のクーポンは、すでにこの会員に発行されています。",
        "There would have to be a new period; with the frequency `once` there is none.",
        "次の期間になれば発行されます。頻度が「1回限り」（once）の場合は発行されません。",
    ),
    "cap_reached": pair(
        "A cap of the campaign had been reached: {cap} ({limit}).",
        "発行上限に達していました：{cap}（{limit}枚）。",
        "This cap would have to be higher, or the member would have to come earlier.",
        "この上限を引き上げるか、会員がより早く来店する必要がありました。",
    ),
    "cooling_down": pair(
        "The member's last coupon of the campaign was earned too short a time before: at or after {last_before}.",
        "前回のクーポンから間がありませんでした（{last_before}以降に獲得しています）。",
        "The last one would have to be earned before {last_before}.",
        "前回の獲得が{last_before}より前である必要がありました。",
    ),
    "offer_over": pair(
        "The moment until which the campaign's coupons are good had come ({valid_until}).",
        "クーポンの有効期限（{valid_until}）がすでに過ぎていました。",
        "The campaign's coupons would have to be good for longer.",
        "クーポンの有効期限を延ばす必要がありました。",
    ),
    "trust_too_low": pair(
        "The visit was trusted less ({trust}) than the campaign asks for ({min_trust}).",
        "来店の信頼度（{trust}）が、キャンペーンの条件（{min_trust}）に届きませんでした。",
        "Better evidence would have to come on the same day, such as a till's scan of the code on the member's phone.",
        "同じ営業日に、会員の端末に表示されるコードをレジで読み取るなど、より確かな記録が必要でした。",
    ),
    "store_closed": pair(
        "It was {local_time}, and the store was closed; the campaign is for open stores only.",
        "時刻は{local_time}で、店舗は営業時間外でした。キャンペーンは営業中の店舗のみが対象です。",
        "It would have to happen in the store's opening hours.",
        "店舗の営業時間内である必要がありました。",
    ),
    "outside_hours": pair(
        "It was {local_day}, {local_time}, and that was in none of the campaign's hours, or on a day that it excepts.",
        "日時は{local_day} {local_time}で、キャンペーンの対象となる曜日・時間帯ではないか、対象外の日でした。",
        "It would have to happen in one of the campaign's hours.",
        "キャンペーンの対象となる曜日・時間帯である必要がありました。",
    ),
    "lost_to_campaign": pair(
        "Another campaign of the same exclusive group gave its coupon instead: {winner}.",
        "同じ排他グループの別のキャンペーン（{winner}）のクーポンが優先されました。",
        "The campaign would have to have a higher priority, or no exclusive group.",
        "このキャンペーンの優先度を上げるか、排他グループから外す必要がありました。",
    ),
    "too_old": pair(
        "We learned of it {age_s} after it had happened; the campaign answers what is at most {max_event_age_s} old.",
        "できごとから{age_s}後に届きました。キャンペーンは{max_event_age_s}以内のできごとだけに応じます。",
        "The phone would have to report sooner; one without a connection reports late.",
        "端末がより早く報告する必要がありました。通信できない端末からの報告は遅れます。",
    ),
    "before_start": pair(
        "The campaign began later, at {starts_at}.",
        "キャンペーンの開始（{starts_at}）より前でした。",
        "It would have to happen at {starts_at} or later.",
        "{starts_at}以降である必要がありました。",
    ),
    "after_end": pair(
        "The campaign had ended at {ends_at}.",
        "キャンペーンは{ends_at}に終了していました。",
        "It would have to happen before {ends_at}.",
        "{ends_at}より前である必要がありました。",
    ),
    "not_verified": pair(
        "The member has confirmed no phone number and no e-mail address, and the campaign is for those who have.",
        "会員は電話番号もメールアドレスも確認していません。キャンペーンは確認済みの会員が対象です。",
        "The member would have to confirm one, or the campaign would have to allow anonymous members.",
        "会員がいずれかを確認するか、キャンペーンが未確認の会員も対象とする必要がありました。",
    ),
    "first_fix": pair(
        "The phone's first position was inside already, and the campaign does not take that for an arrival.",
        "端末の最初の位置がすでに店舗の区域内でした。キャンペーンはこれを来店とみなしません。",
        "The phone would have to be seen outside first, or the campaign would have to count a first position.",
        "先に区域外の位置が届くか、キャンペーンが最初の位置も対象とする必要がありました。",
    ),
    "not_in_audience": pair(
        "The member was not in the campaign's audience. What did not hold: {condition}.",
        "会員はキャンペーンの対象者ではありませんでした。満たさなかった条件：{condition}。",
        "This would have to hold before the event: {condition}.",
        "できごとの前に、次の条件を満たす必要がありました：{condition}。",
    ),
    "audience_unknown": pair(
        "Whether the member is in the campaign's audience was unknown: a value, or the consent to profiling, is missing"
        " for this: {condition}.",
        "対象者かどうかが不明でした。次の条件に必要な値または行動分析への同意がありません：{condition}。",
        "The member would have to fill in what is missing, or consent to profiling; then this would have to hold:"
        " {condition}.",
        "会員が不足している項目を入力するか行動分析に同意し、次の条件を満たす必要がありました：{condition}。",
    ),
    "holdout": pair(
        "The member was held out by lot, so that it can be seen what the campaign brings.",
        "効果測定のため、会員は無作為に対象外のグループに割り当てられていました。",
        "The experiment, or the program's holdout, would have to end: nobody who was assigned is moved before.",
        "効果測定、またはプログラム全体の対象外グループの設定を終了する必要がありました。終了するまで割り当ては変わりません。",
    ),
}


class _Gaps(dict[str, str]):
    """What was not kept is left open."""

    def __missing__(self, _: str) -> str:
        return "…"


def fill(pair: Pair, words: Mapping[Locale, Mapping[str, str]]) -> Pair:
    """The sentences with their words."""
    change = None if pair.change is None else _fill(pair.change, words)
    return Pair(_fill(pair.why, words), change)


def _fill(texts: Texts, words: Mapping[Locale, Mapping[str, str]]) -> Texts:
    return {locale: text.format_map(_Gaps(words[locale])) for locale, text in texts.items()}


def words_of(inputs: Mapping[str, object], zone: tzinfo) -> dict[Locale, dict[str, str]]:
    """What the rule read as somebody reads it: moments by the clock of the zone, spans in their largest unit."""
    locales: tuple[Locale, ...] = ("en", "ja")
    return {locale: {name: _word(name, value, zone, locale) for name, value in inputs.items()} for locale in locales}


def _word(name: str, value: object, zone: tzinfo, locale: Locale) -> str:
    if isinstance(value, datetime):
        return spell_moment(value, zone)
    if name in _MOMENTS and isinstance(value, str) and len(value) > len("2026-11-28"):
        return spell_moment(datetime.fromisoformat(value), zone)
    if name in _SPANS and isinstance(value, int):
        return _span(value, locale)
    if name in _LEVELS and isinstance(value, int):
        return TRUST_LEVELS[value]
    if name == "cap" and isinstance(value, str):
        return _CAPS[value][locale]
    return str(value)


def spell_moment(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _span(seconds: int, locale: Locale) -> str:
    units = ((86400, "days", "日"), (3600, "hours", "時間"), (60, "minutes", "分"), (1, "seconds", "秒"))
    size, en, ja = next((unit for unit in units if seconds >= unit[0]), units[-1])
    count = seconds // size
    return f"{count} {en if count != 1 else en[:-1]}" if locale == "en" else f"{count}{ja}"
