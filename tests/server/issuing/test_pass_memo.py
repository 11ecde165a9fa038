"""What a pass remembers of its rules goes by all that they read: nobody is given another's answer."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from coupons.campaigns.message_texts import MessageTexts
from coupons.campaigns.triggers import TriggerEvent
from coupons.issuing.rules import CouponTerms
from coupons.offers import OfferText
from ids import CouponId, DeviceId, MemberId
from kit.daily_hours import DailyHours
from kit.ids import new_id
from push.governor import MessageRules, Recipient
from server.issuing.candidates import ALIKE_FIELDS, Candidate
from server.issuing.govern_messages import make_push
from server.issuing.pass_memo import PassMemo
from tests.support.campaigns import CAMPAIGN

NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)
RULES = MessageRules(quiet_hours=DailyHours(time(21), time(8)), day_cap=3, week_cap=5)
SOMEBODY = Recipient(
    is_active=True,
    push_consent=True,
    device_id=DeviceId(new_id()),
    language="ja",
    zone=ZoneInfo("Asia/Tokyo"),
    quiet_hours=None,
    rules=RULES,
)
OFFER = {"ja": OfferText("無料の一杯", "本日のみ"), "en": OfferText("A free cup", "Today only")}
MESSAGES = MessageTexts(link="https://app.test/c/{coupon_id}")
LINKED = msgspec.structs.replace(CAMPAIGN, offer=OFFER, messages=MESSAGES, quiet_hours="program")
TERMS = CouponTerms(
    period_key="2026-05-01",
    business_day=date(2026, 5, 1),
    last_before=None,
    expires_at=NOON + timedelta(days=7),
    push_until=NOON + timedelta(days=1),
)
OTHERS: list[dict[str, Any]] = [
    {},
    {"language": "en"},
    {"device_id": DeviceId(new_id())},
    {"device_id": None},
    {"device_id": None, "is_phone_idle": True},
    {"push_consent": False},
    {"is_active": False},
    {"zone": ZoneInfo("America/New_York")},
    {"quiet_hours": DailyHours(time(11), time(13))},
    {"rules": MessageRules(quiet_hours=DailyHours(time(11), time(13)), day_cap=3, week_cap=5)},
    {"ways": {"line": "unreachable"}},
]


def make_candidate() -> Candidate:
    event = TriggerEvent(
        trigger="broadcast",
        member_id=MemberId(new_id()),
        program_id=CAMPAIGN.program_id,
        event_at=NOON,
        now=NOON,
        is_verified=True,
    )
    return Candidate(event_index=0, event=event, campaign=LINKED, place=None, terms=TERMS)


def test_who_differs_in_anything_gets_what_is_theirs() -> None:
    memo = PassMemo()
    for changes in [*OTHERS, *reversed(OTHERS)]:
        recipient, coupon_id = msgspec.structs.replace(SOMEBODY, **changes), CouponId(new_id())
        push = make_push(make_candidate(), TERMS, coupon_id, recipient, memo=memo)
        alone = make_push(make_candidate(), TERMS, coupon_id, recipient)
        assert _without_id(push) == _without_id(alone), changes
        if push.payload is not None:
            data = json.loads(push.payload)["data"]
            assert (data["push_id"], data["coupon_id"]) == (str(push.id), str(coupon_id))
            assert data["link"] == f"https://app.test/c/{coupon_id}"


def _without_id(push: Any) -> Any:
    payload = None if push.payload is None else push.payload.replace(str(push.id), "")
    return msgspec.structs.replace(push, id=SOMEBODY.device_id, payload=payload)


@pytest.mark.parametrize(
    ("struct", "compared"),
    [
        # What is the member's own, or where a decision is recorded; an event with visits is never taken for another.
        (TriggerEvent, {*ALIKE_FIELDS, "member_id", "push_to", "source_id", "visits"}),
        (
            Recipient,
            {
                "call_silence",
                "is_active",
                "push_consent",
                "device_id",
                "is_phone_idle",
                "language",
                "zone",
                "quiet_hours",
                "rules",
                "ways",
            },
        ),
    ],
)
def test_a_new_field_is_asked_about(struct: type[msgspec.Struct], compared: set[str]) -> None:
    assert set(struct.__struct_fields__) == compared
