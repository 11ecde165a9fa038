"""When a coupon may be used by its conditions, and with which others."""

from datetime import datetime, timedelta
from itertools import product

import msgspec
import pytest

from coupons.offers import OfferText
from coupons.redemptions.baskets import Basket, BasketLine
from coupons.redemptions.benefits import AmountOff, Grant
from coupons.redemptions.conditions import Conditions, UseHours, is_within, may_go_together
from coupons.redemptions.redemption import RedeemableCoupon
from coupons.redemptions.usability import UseRefusal, judge_basket, judge_coupon
from coupons.withdrawal import Withdrawal
from ids import CampaignId, CouponId, MemberId, ProgramId, StoreId
from kit.ids import new_id
from tests.support.campaigns import NOON, STORE, TOKYO, at

FRIDAY = datetime(2026, 5, 1, tzinfo=TOKYO)
HERE, ELSEWHERE = STORE, StoreId(new_id())
COUPON = RedeemableCoupon(
    store_id=HERE,
    time_zone="Asia/Tokyo",
    member_id=MemberId(new_id()),
    coupon_id=CouponId(new_id()),
    program_id=ProgramId(new_id()),
    campaign_id=CampaignId(new_id()),
    expires_at=at(3600),
    gone=0,
    held_until=None,
    redeemed_at=None,
    grant=Grant(),
    offer={"ja": OfferText("珈琲", "一杯")},
    store_name=None,
    rank=None,
    is_moved=False,
    is_undone=False,
    is_had=False,
    voided_at=None,
    withdrawal=None,
    is_store_covered=True,
)


@pytest.mark.parametrize(
    ("hours", "hour", "expected"),
    [
        (UseHours(), 3.0, True),
        (UseHours(start="14:00", end="17:00"), 13.99, False),
        (UseHours(start="14:00", end="17:00"), 14, True),
        (UseHours(start="14:00", end="17:00"), 17, False),
        (UseHours([5], "14:00", "17:00"), 15, True),
        (UseHours([4, 6], "14:00", "17:00"), 15, False),
        (UseHours([5], "22:00", "02:00"), 23, True),
        (UseHours([5], "22:00", "02:00"), 24 + 1, True),  # Saturday's first hours are Friday's evening
        (UseHours([5], "22:00", "02:00"), 1, False),
        (UseHours([4], "22:00", "02:00"), 1, True),
        (UseHours([5], "04:00", "04:00"), 24 + 3, True),
        (UseHours([5], "04:00", "04:00"), 3, False),
    ],
)
def test_hours_belong_to_the_day_on_which_they_begin(hours: UseHours, hour: float, expected: bool) -> None:
    assert is_within([hours], FRIDAY + timedelta(hours=hour)) is expected


def test_of_several_hours_one_is_enough_and_none_binds_nobody() -> None:
    lunch, evening = UseHours(start="11:00", end="13:00"), UseHours(start="18:00", end="20:00")
    assert [is_within([lunch, evening], FRIDAY + timedelta(hours=hour)) for hour in (12, 15, 19)] == [True, False, True]
    assert is_within([], FRIDAY)


def test_company_is_mutual() -> None:
    alone, free = Conditions(), Conditions(company="any")
    lunch, other = Conditions(company="group", group="lunch"), Conditions(company="group", group="tea")
    allowed = {
        (one, two)
        for one, two in product(range(4), repeat=2)
        if may_go_together((alone, free, lunch, other)[one], (alone, free, lunch, other)[two])
    }
    assert allowed == {(1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (3, 3)}


CASES = [
    ({}, {}, None),
    ({"is_moved": True, "gone": 1}, {}, "moved"),
    ({"gone": 1, "is_undone": True}, {}, "undone"),
    ({"gone": 1, "is_had": True}, {}, "had"),
    ({"gone": 1, "redeemed_at": NOON}, {}, "redeemed"),
    ({"gone": 1, "held_until": at(60)}, {}, "held"),
    ({"withdrawal": Withdrawal(NOON, {"ja": "誤り"})}, {}, "withdrawn"),
    ({"expires_at": NOON}, {}, "expired"),
    ({"is_store_covered": False}, {}, "other_store"),
    ({}, {"store_ids": [ELSEWHERE]}, "other_store"),
    ({}, {"store_ids": [ELSEWHERE, HERE]}, None),
    ({}, {"usable_from": at(1)}, "too_early"),
    ({}, {"usable_from": NOON}, None),
    ({}, {"hours": [UseHours([5], "12:00", "13:00")]}, None),  # noon in Tokyo, a Friday
    ({}, {"hours": [UseHours([5], "12:01", "13:00")]}, "outside_hours"),
    ({"time_zone": "America/New_York"}, {"hours": [UseHours([5], "12:00", "13:00")]}, "outside_hours"),
    ({}, {"ranks": ["gold"]}, "rank_required"),
    ({"rank": "silver"}, {"ranks": ["gold"]}, "rank_required"),
    ({"rank": "gold"}, {"ranks": ["gold"]}, None),
]


@pytest.mark.parametrize(("coupon", "conditions", "expected"), CASES)
def test_a_coupon_is_judged(coupon: dict[str, object], conditions: dict[str, object], expected: str | None) -> None:
    grant = Grant(conditions=Conditions(**conditions))  # type: ignore[arg-type]
    refusal = judge_coupon(msgspec.structs.replace(COUPON, **coupon, grant=grant), NOON)
    assert (refusal and refusal.reason) == expected
    if refusal is not None:
        assert refusal.describe("ja")
        assert refusal.describe("en").isascii()


@pytest.mark.parametrize(("gone", "uses", "expected"), [(2, 3, None), (3, 3, "redeemed"), (1, 1, "redeemed")])
def test_a_coupon_of_several_uses_goes_on_until_all_are_gone(gone: int, uses: int, expected: str | None) -> None:
    coupon = msgspec.structs.replace(COUPON, gone=gone, redeemed_at=NOON, grant=Grant(uses=uses), is_had=gone == 2)
    refusal = judge_coupon(coupon, NOON)
    assert (refusal and refusal.reason) == expected


def test_the_least_amount_is_asked_of_what_it_holds_for() -> None:
    basket = Basket([BasketLine("tea", "drinks", 2, 400), BasketLine("cake", "sweets", 1, 900)])
    for_all = Grant(benefit=AmountOff(100), conditions=Conditions(min_spend=1900))
    assert judge_basket(for_all, basket) == UseRefusal(reason="below_minimum", missing=200)
    for_drinks = Grant(conditions=Conditions(min_spend=1000, categories=["drinks"]))
    assert judge_basket(for_drinks, basket) == UseRefusal(reason="below_minimum", missing=200)
    assert judge_basket(Grant(conditions=Conditions(min_spend=900, item_codes=["cake"])), basket) is None
    assert judge_basket(Grant(conditions=Conditions(item_codes=["pie"])), basket) == UseRefusal(
        reason="nothing_covered"
    )
