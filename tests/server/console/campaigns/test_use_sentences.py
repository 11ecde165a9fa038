"""When, where and by whom a coupon can be used, as sentences."""

from typing import Any

import pytest

from server.console.campaigns.use_phrases import say_use
from tests.server.console.campaigns.test_sentences import EBISU, NAMES, SHIBUYA, START, make


@pytest.mark.parametrize(
    ("conditions", "english", "japanese"),
    [
        ({}, [], []),
        (
            {"usable_from": START, "hours": [{"end": "17:00"}], "ranks": ["gold"]},
            ["A coupon can be used only from 1 Dec 2026, 00:00 on, before 17:00, by members of the rank gold."],
            ["クーポンを使えるのは、2026年12月1日 0:00から、17:00まで、ランクがgoldの会員です。"],
        ),
        (
            {"store_ids": [str(SHIBUYA), str(EBISU)], "company": "any", "usable_offline": True},
            ["A coupon can be used only at Ebisu or Shibuya.", "It can be used together with other coupons.",
             "Tills take it without a connection too."],
            ["クーポンを使えるのは、EbisuまたはShibuyaです。", "ほかのクーポンと併用できます。",
             "通信できないレジでも使えます。"],
        ),
        (
            {"company": "group", "group": "drinks"},
            ['It can be used together with coupons of the group "drinks".'],
            ["グループ「drinks」のクーポンと併用できます。"],
        ),
    ],
)  # fmt: skip
def test_when_where_and_by_whom_a_coupon_is_used_is_said(
    conditions: dict[str, Any], english: list[str], japanese: list[str]
) -> None:
    campaign = make(grant={"benefit": {"kind": "text"}, "conditions": conditions, "uses": 1})
    assert (say_use(campaign, NAMES, "en"), say_use(campaign, NAMES, "ja")) == (english, japanese)
    often = make(grant={"benefit": {"kind": "text"}, "conditions": {}, "uses": 3})
    assert say_use(often, NAMES, "ja") == ["1枚のクーポンを3回使えます。"]
