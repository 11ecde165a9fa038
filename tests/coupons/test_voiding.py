"""Which coupons may be voided."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from coupons.coupon import MemberCoupon
from coupons.offers import OfferText
from coupons.redemptions.benefits import Grant
from coupons.redemptions.conditions import Conditions
from coupons.voiding import VoidRefusalReason, judge_void
from coupons.withdrawal import Withdrawal
from ids import CampaignId, CouponId, MemberId
from kit.ids import new_id
from tests.support.campaigns import NOON, at

OPEN = MemberCoupon(
    id=CouponId(new_id()),
    member_id=MemberId(new_id()),
    campaign_id=CampaignId(new_id()),
    store_id=None,
    store_name=None,
    at_every_store=True,
    offer={"ja": OfferText("珈琲", "一杯")},
    issued_at=NOON,
    expires_at=at(3600),
    redeemed_at=None,
    voided_at=None,
    uses_left=1,
    grant=Grant(),
    withdrawal=None,
    picture_name=None,
)
WITHDRAWN = Withdrawal(at(1), {"ja": "誤り"})
LATER = Grant(conditions=Conditions(usable_from=NOON + timedelta(days=1)))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"grant": LATER}, None),  # its time has not come yet
        ({"grant": Grant(uses=3), "uses_left": 1, "redeemed_at": None}, None),
        ({"uses_left": 0, "redeemed_at": NOON}, "redeemed"),
        ({"uses_left": 0, "voided_at": NOON}, "voided"),
        ({"withdrawal": WITHDRAWN}, "withdrawn"),
        ({"expires_at": at(60)}, "expired"),
        ({"expires_at": at(60), "uses_left": 0, "redeemed_at": NOON}, "redeemed"),
        ({"expires_at": at(60), "uses_left": 0, "voided_at": NOON}, "voided"),
    ],
)
def test_what_may_be_voided(changes: dict[str, Any], reason: VoidRefusalReason | None) -> None:
    assert judge_void(msgspec.structs.replace(OPEN, **changes), at(60)) == reason
