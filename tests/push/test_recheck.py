from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from ids import CampaignId, CouponId, DeviceId, MemberId, ProgramId
from kit.ids import new_id
from push.messages import IMAGE_BYTES, MAX_PAYLOAD_BYTES, MAX_TTL_S, Payload, Push, payload_bytes
from push.outcomes import Outcome
from push.recheck import LeasedMessage, Target, recheck

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
PAYLOAD = Payload(title="雨の日クーポン", body="本日限り", locale="ja", data={"kind": "coupon"}, tag="c-1")
MESSAGE = LeasedMessage(
    member_id=MemberId(new_id()),
    id=new_id(),
    device_id=DeviceId(new_id()),
    coupon_code="N1KABC",
    coupon_id=CouponId(new_id()),
    campaign_id=CampaignId(new_id()),
    payload=PAYLOAD,
    attempts=1,
    expires_at=NOW + timedelta(hours=1),
)
TARGET = Target(
    device_id=MESSAGE.device_id,
    platform="ios",
    push_token="token-1",
    push_token_kind="registration",
    is_reachable=True,
    is_active=True,
    push_consent=True,
    fate=None,
    program_id=ProgramId(new_id()),
    quota=None,
    zone=UTC,
)


def sized(extra: int) -> LeasedMessage:
    return structs.replace(MESSAGE, payload=Payload("t", "x" * extra, "ja", {}, "c-1"))


def test_a_push_carries_what_lets_the_app_drop_a_second_copy() -> None:
    push = recheck(MESSAGE, TARGET, {}, NOW)
    assert isinstance(push, Push)
    assert push.data == {
        "kind": "coupon",
        "push_id": str(MESSAGE.id),
        "coupon_id": str(MESSAGE.coupon_id),
        "coupon_code": "N1KABC",
    }
    assert (push.token, push.token_kind, push.tag, push.ttl_s) == ("token-1", "registration", "c-1", 3600)
    of_no_coupon = recheck(structs.replace(MESSAGE, coupon_id=None, coupon_code=None), TARGET, {}, NOW)
    assert isinstance(of_no_coupon, Push)
    assert of_no_coupon.data == {"kind": "coupon", "push_id": str(MESSAGE.id)}


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (None, "unreachable"),
        (structs.replace(TARGET, is_reachable=False), "unreachable"),
        (structs.replace(TARGET, push_token=None, push_token_kind=None), "unreachable"),
        (structs.replace(TARGET, is_active=False), "member_closed"),
        (structs.replace(TARGET, push_consent=False), "no_consent"),
        (structs.replace(TARGET, fate="coupon_used"), "coupon_used"),
        (structs.replace(TARGET, fate="coupon_withdrawn", push_consent=False), "coupon_withdrawn"),
    ],
)
def test_what_may_not_be_sent_is_dropped_with_its_reason(target: Target | None, reason: str) -> None:
    is_refusal = reason in ("unreachable", "no_consent")  # another channel may take it then
    assert recheck(MESSAGE, target, {}, NOW) == Outcome("dropped", failure=reason, is_refusal=is_refusal)


def test_what_comes_into_quiet_hours_goes_back_to_the_governor() -> None:
    evening = structs.replace(MESSAGE, rings_until=NOW + timedelta(minutes=10))
    push = recheck(evening, TARGET, {}, NOW)
    assert isinstance(push, Push)
    assert push.ttl_s == 600, "a phone that is off does not ring for it in the night"
    later = NOW + timedelta(minutes=10)
    assert recheck(evening, TARGET, {}, later) == Outcome(
        "deferred", retry_at=later, failure="quiet_hours", held_back=True
    )


def test_a_payload_that_cannot_be_read_fails_alone() -> None:
    outcome = recheck(structs.replace(MESSAGE, payload=None), TARGET, {}, NOW)
    assert outcome == Outcome("failed", failure="payload_unreadable", is_refusal=True)


def test_the_largest_payload_goes_and_one_byte_more_does_not() -> None:
    smallest = recheck(sized(0), TARGET, {}, NOW)
    assert isinstance(smallest, Push)
    room = MAX_PAYLOAD_BYTES - payload_bytes(smallest)
    assert isinstance(recheck(sized(room), TARGET, {}, NOW), Push)
    too_large = Outcome("failed", failure="payload_too_large", is_refusal=True)
    assert recheck(sized(room + 1), TARGET, {}, NOW) == too_large


def test_a_picture_goes_where_it_fits_and_never_instead_of_the_words() -> None:
    with_picture = structs.replace(MESSAGE, payload=Payload("t", "b", "ja", {}, "c-1", "/v1/pictures/p.jpg"))
    push = recheck(with_picture, TARGET, {}, NOW)
    assert isinstance(push, Push)
    assert push.image_path == "/v1/pictures/p.jpg"
    room = MAX_PAYLOAD_BYTES - IMAGE_BYTES - payload_bytes(push)
    for more, path in ((room, "/v1/pictures/p.jpg"), (room + 1, None), (room + IMAGE_BYTES, None)):
        full = Payload("t", "b" + "x" * more, "ja", {}, "c-1", "/v1/pictures/p.jpg")
        push = recheck(structs.replace(with_picture, payload=full), TARGET, {}, NOW)
        assert isinstance(push, Push)
        assert push.image_path == path


def test_a_message_past_its_end_is_stale() -> None:
    assert recheck(MESSAGE, TARGET, {}, MESSAGE.expires_at) == Outcome("dropped", failure="stale")


def test_the_time_to_live_is_the_message_s_rest_and_at_most_what_fcm_takes() -> None:
    push = recheck(structs.replace(MESSAGE, expires_at=NOW + timedelta(days=90)), TARGET, {}, NOW)
    assert isinstance(push, Push)
    assert push.ttl_s == MAX_TTL_S


def test_a_resting_platform_defers_its_messages_only() -> None:
    until = NOW + timedelta(minutes=5)
    deferred = recheck(MESSAGE, TARGET, {"ios": until}, NOW)
    assert deferred == Outcome("retryable", retry_at=until, failure="circuit_open", held_back=True)
    assert isinstance(recheck(MESSAGE, structs.replace(TARGET, platform="android"), {"ios": until}, NOW), Push)
    assert isinstance(recheck(MESSAGE, TARGET, {"ios": until}, until), Push)
    late = recheck(MESSAGE, TARGET, {"ios": MESSAGE.expires_at}, NOW)
    assert late == Outcome("expired", failure="circuit_open")
