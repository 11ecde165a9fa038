"""A coupon that a till judges without a line: what is signed, and what a till refuses."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
import segno
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cards.pictures import draw_qr
from coupons.redemptions.conditions import UseHours
from coupons.redemptions.offline_coupons import (
    OfflineCoupon,
    OfflineTerms,
    ProgramKey,
    judge_offline,
    read_offline_coupon,
    sign_offline_coupon,
)
from devtools.bootstrap import ROOT
from ids import CampaignId, CouponId, MemberId
from tests.cards.test_pictures import qr_pixels

SIGNING = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = SIGNING.public_key().public_bytes_raw()
KEYS = {b"\xa1\xb2": ProgramKey(PUBLIC, is_revoked=False)}
FROM = datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC)
BARE = OfflineCoupon(
    key_id=b"\xa1\xb2",
    member_id=MemberId(UUID("019aa5c4-7b1e-7d03-8a51-2f6c9e0b4d17")),
    coupon_id=CouponId(UUID("019aa5c4-9f21-7a08-8d62-5e3b7f9c1a20")),
    campaign_id=CampaignId(UUID("019aa5c3-52c0-7b44-9a13-7d40e6b8f291")),
    campaign_version=1,
    variant_version=0,
    uses=1,
    usable_from=FROM,
    expires_at=FROM + timedelta(days=1),
)
COUPON = sign_offline_coupon(SIGNING, BARE)
TERMS = OfflineTerms(is_here=True, time_zone="Asia/Tokyo")


def test_the_code_on_the_page_is_the_one_that_is_made() -> None:
    page = (ROOT / "docs" / "offline-coupons.md").read_text()
    (vector,) = re.findall(r"<!-- vector -->\n```text\n(.*?)```", page, re.DOTALL)
    assert COUPON.to_text() in re.sub(r"\s", "", vector)
    assert PUBLIC.hex() in vector
    assert len(COUPON.to_text()) == 218


def test_a_scanner_reads_it_from_a_qr_of_the_size_that_the_page_names() -> None:
    qr = segno.make_qr(COUPON.to_text(), error="m", boost_error=False)
    assert (qr.designator, qr.mode) == ("8-M", "alphanumeric")
    (read,) = zxingcpp.read_barcodes(qr_pixels(draw_qr(COUPON.to_text())))
    assert read_offline_coupon(read.text) == COUPON


def test_every_character_counts() -> None:
    text = COUPON.to_text()
    assert read_offline_coupon(f" {text.lower()} ") == COUPON
    for place in range(len(text)):
        other = "B" if text[place] == "A" else "A"
        read = read_offline_coupon(text[:place] + other + text[place + 1 :])
        assert read is None or judge_offline(read, KEYS, TERMS, None, FROM) in ("forged", "foreign_program")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"keys": {}}, "foreign_program"),
        ({"keys": {b"\xa1\xb2": ProgramKey(bytes(31) + b"\x01", is_revoked=False)}}, "forged"),
        ({"coupon": msgspec.structs.replace(COUPON, uses=2)}, "forged"),
        ({"coupon": msgspec.structs.replace(COUPON, expires_at=FROM + timedelta(days=9))}, "forged"),
        ({"keys": {b"\xa1\xb2": ProgramKey(PUBLIC, is_revoked=True)}}, "revoked"),
        ({"terms": None}, "terms_unknown"),
        ({"terms": None, "now": FROM + timedelta(days=1)}, "expired"),
        ({"uses_left": 0}, "redeemed"),
        ({"uses_left": "voided"}, "voided"),
        ({"uses_left": 1}, None),
        ({"now": FROM - timedelta(seconds=61)}, "too_early"),
        ({"now": FROM - timedelta(seconds=60)}, None),  # the till's clock is behind
        ({"now": FROM + timedelta(days=1)}, "expired"),
        ({"terms": msgspec.structs.replace(TERMS, is_here=False)}, "other_store"),
        ({"terms": msgspec.structs.replace(TERMS, withdrawn_at=FROM)}, "withdrawn"),
        ({"terms": msgspec.structs.replace(TERMS, withdrawn_at=FROM + timedelta(seconds=1))}, None),
        ({"terms": msgspec.structs.replace(TERMS, hours=[UseHours(start="09:00", end="18:00")])}, "outside_hours"),
        ({"terms": msgspec.structs.replace(TERMS, hours=[UseHours(start="18:00", end="19:00")])}, None),
    ],
    ids=str,
)
def test_what_a_till_refuses(changes: dict[str, Any], expected: str | None) -> None:
    asked: dict[str, Any] = {"coupon": COUPON, "keys": KEYS, "terms": TERMS, "uses_left": None, "now": FROM} | changes
    assert judge_offline(**asked) == expected
