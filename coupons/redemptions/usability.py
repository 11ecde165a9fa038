"""Whether a coupon may be used here, now, and for this basket: the one place that decides it. Pure.

What only the database can know, whether another till takes the last use in this very moment, is decided there by a key.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from coupons.redemptions.baskets import Basket
from coupons.redemptions.benefits import Grant
from coupons.redemptions.conditions import is_within
from coupons.redemptions.redemption import RedeemableCoupon
from kit.locales import Locale

UseRefusalReason = Literal[
    "moved", "undone", "had", "voided", "held", "redeemed", "withdrawn", "expired", "other_store", "too_early",
    "outside_hours", "rank_required", "nothing_covered", "below_minimum", "not_combinable", "no_discount_left",
    "brings_nothing",
]  # fmt: skip


class UseRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """`at`: since when, or from when. `missing`: what the basket lacks, in minor units of the program's currency."""

    reason: UseRefusalReason
    at: datetime | None = None
    missing: int | None = None

    def describe(self, locale: Locale) -> str:
        """For the cashier, and for the shopper at the till."""
        return _WORDS[self.reason][locale].format(missing=f"{self.missing or 0:,}")


def judge_coupon(coupon: RedeemableCoupon, now: datetime) -> UseRefusal | None:
    """Whatever is in the basket."""
    conditions, local = coupon.grant.conditions, now.astimezone(ZoneInfo(coupon.time_zone))
    is_used_up = coupon.gone >= coupon.grant.uses
    is_elsewhere = conditions.store_ids is not None and coupon.store_id not in conditions.store_ids
    is_early = conditions.usable_from is not None and now < conditions.usable_from
    withdrawn_at = None if coupon.withdrawal is None else coupon.withdrawal.at
    reasons: tuple[tuple[UseRefusal, bool], ...] = (
        (UseRefusal(reason="moved"), coupon.is_moved),
        (UseRefusal(reason="undone"), is_used_up and coupon.is_undone and coupon.redeemed_at is None),
        (UseRefusal(reason="had"), is_used_up and coupon.is_had and coupon.redeemed_at is None),
        (UseRefusal(reason="voided", at=coupon.voided_at), coupon.voided_at is not None),
        (UseRefusal(reason="held", at=coupon.held_until), is_used_up and coupon.held_until is not None),
        (UseRefusal(reason="redeemed", at=coupon.redeemed_at), is_used_up),
        (UseRefusal(reason="withdrawn", at=withdrawn_at), coupon.withdrawal is not None),
        (UseRefusal(reason="expired", at=coupon.expires_at), coupon.expires_at <= now),
        (UseRefusal(reason="other_store"), is_elsewhere or not coupon.is_store_covered),
        (UseRefusal(reason="too_early", at=conditions.usable_from), is_early),
        (UseRefusal(reason="outside_hours"), not is_within(conditions.hours, local)),
        (UseRefusal(reason="rank_required"), bool(conditions.ranks) and coupon.rank not in conditions.ranks),
    )
    return next((refusal for refusal, applies in reasons if applies), None)


def judge_basket(grant: Grant, basket: Basket) -> UseRefusal | None:
    """Of one that may be used here and now. The least amount is asked of what it holds for, before any discount."""
    conditions = grant.conditions
    held = [line.amount for line in basket.lines if conditions.holds_for(line.code, line.category)]
    if conditions.holds_for_some and not held:
        return UseRefusal(reason="nothing_covered")
    missing = conditions.min_spend - sum(held)
    return UseRefusal(reason="below_minimum", missing=missing) if missing > 0 else None


_WORDS: Mapping[UseRefusalReason, Mapping[Locale, str]] = {
    "moved": {
        "ja": "新しい会員証に移っています。アプリのコードを読み取り直してください。",
        "en": "It is on the shopper's new card: scan the code in their app now.",
    },
    "undone": {
        "ja": "元になったスキャンが取り消されたため、使えません。",
        "en": "The scan that it came from was undone.",
    },
    "had": {"ja": "以前の会員証で使用済みです。", "en": "The shopper has used it on their former card."},
    "voided": {"ja": "お店が無効にしたクーポンです。", "en": "The shop has voided this coupon."},
    "held": {"ja": "ほかの会計で使用中です。", "en": "Another receipt holds it."},
    "redeemed": {"ja": "使用済みです。", "en": "It has been used."},
    "withdrawn": {"ja": "取り消されたクーポンです。", "en": "The offer was withdrawn."},
    "expired": {"ja": "有効期限が切れています。", "en": "It has expired."},
    "other_store": {"ja": "このお店では使えません。", "en": "It is for other stores."},
    "too_early": {"ja": "まだ使えません。", "en": "It cannot be used yet."},
    "outside_hours": {
        "ja": "この曜日・時間帯には使えません。",
        "en": "It cannot be used on this day or at this hour.",
    },
    "rank_required": {"ja": "対象ランクの会員様だけが使えます。", "en": "It is for members of another rank."},
    "nothing_covered": {"ja": "対象の商品がありません。", "en": "Nothing that it holds for is in the basket."},
    "below_minimum": {
        "ja": "対象商品のお買い上げがあと{missing}足りません。",
        "en": "What it holds for comes to {missing} too little.",
    },
    "not_combinable": {
        "ja": "一緒に使うクーポンと併用できません。",
        "en": "It cannot be combined with the coupons that are used.",
    },
    "no_discount_left": {
        "ja": "ほかのクーポンで割引済みのため、値引きするものが残っていません。",
        "en": "The other coupons leave nothing that it could take off.",
    },
    "brings_nothing": {
        "ja": "このお会計では、ポイントもスタンプも付きません。",
        "en": "It would bring no points and no stamps with this receipt.",
    },
}
