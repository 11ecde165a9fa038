"""What tills read, over HTTP: the same code or number whatever a scanner or a keyboard adds to it."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from cards.rotating_codes import STEP_S
from kit.clock import utc_now
from tests.support.expectations import expect_problem
from tests.support.scanning import widen
from tests.support.stage import set_stage
from tests.support.world import Chain

OFFLINE = "/v1/scans/offline"


def wide(text: str) -> str:
    return "".join(map(widen, text))


async def test_a_card_a_coupon_and_a_receipt_are_read_however_they_come(chain: Chain) -> None:
    stage = await set_stage(chain)
    till, number = stage.till.at, stage.member.card_number
    for card in (f"]E0{wide(number)}", f"\x02{number.replace(' ', chr(0x30FC))}\x03\r\n", f"\ufeff{number}\u200b"):
        scanned = await till.post("/v1/scans", {"card": card})
        assert (scanned.status_code, scanned.json()["member_id"]) == (201, str(stage.member.id)), scanned.text
    code = (await stage.member.take_card()).make_code(utc_now())
    lines = "\r\n".join(code[start : start + 80] for start in range(0, len(code), 80))
    scanned = await till.post("/v1/scans", {"card": f"]Q3{lines}"})
    assert (scanned.status_code, scanned.json()["trust"]) == (201, "high"), scanned.text
    (coupon, *_) = (await stage.member.app.get("/v1/me/coupons", usable="true")).json()["items"]
    redeemed = await till.post("/v1/redemptions", {"coupon": f"]Q3{wide(coupon['code'].lower())}\r"})
    assert redeemed.status_code == 201, redeemed.text

    scan = {"member_id": str(stage.member.id), "scan_id": scanned.json()["scan_id"]}
    bought = scan | {"purchase": {"receipt": wide("2026-0042"), "amount": 500}}
    assert (await till.post("/v1/purchases", bought)).status_code == 201
    same = scan | {"purchase": {"receipt": "]C12026\u22120042", "amount": 500}}
    expect_problem(await till.post("/v1/purchases", same), 409, "receipt-taken")
    back = await till.post("/v1/refunds", {"receipt": " 2026\u30fc0042", "refund_receipt": wide("B-1")})
    assert (back.status_code, back.json()["amount"]) == (201, 500)
    refunded = "SELECT refunded FROM purchases WHERE receipt = '2026-0042'"
    assert await chain.world.pool.fetchval(refunded) == 500


@pytest.mark.parametrize("receipt", ["\u3000", "\u200b\ufeff", "領収書", "x" * 65, "]E0"])
async def test_what_is_no_receipts_number_is_refused_in_words(chain: Chain, receipt: str) -> None:
    stage = await set_stage(chain)
    for path, body in (
        ("/v1/points/void", {"receipt": receipt}),
        ("/v1/refunds", {"receipt": "R-1", "refund_receipt": receipt}),
        ("/v1/scans", {"card": stage.member.card_number, "purchase": {"receipt": receipt, "amount": 1}}),
    ):
        problem = expect_problem(await stage.till.at.post(path, body), 400, "invalid-request")
        assert "receipt's number" in problem["detail"]


# One record each, as it stands in the body.
BAD_RECORDS = [
    "null", "17", '"card"', "[]", "{}",
    '{"card": null, "scanned_at": "2026-11-21T09:00:10Z"}',
    '{"card": "1"}',
    '{"card": "1", "scanned_at": null}',
    '{"card": "1", "scanned_at": "yesterday"}',
    '{"card": "1", "scanned_at": "2026-11-21T09:00:10"}',
    '{"card": "1", "scanned_at": 1e999}',
    '{"card": "1", "scanned_at": NaN}',
    '{"card": "\\x", "scanned_at": 01}',
    "[" * 3000 + "]" * 3000,
    '{"card": "1", "scanned_at": "0001-01-01T00:00:00+14:00"}',
    '{"card": "1", "scanned_at": "2026-11-21T09:00:10Z", "till": 3}',
    '{"card": "' + "1" * 5000 + '", "scanned_at": "2026-11-21T09:00:10Z"}',
]  # fmt: skip
# What may stand in a text: whether the clean-up takes it away, so that even this record counts. Most are no JSON.
ODD_TEXTS = [
    (b"\x02", True), (b"\n", True), (b"\x1d", True), (b"\\u0000", True), (b"\xef\xbb\xbf", True),
    (b"\xe9", False), (b"\\ud800", False), (b"\\udfff\\ud800", False),
]  # fmt: skip


async def report(chain: Chain, till: Any, body: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {till.token}", "Content-Type": "application/json"}
    return await chain.world.http.post(OFFLINE, content=body, headers=headers)


@pytest.mark.parametrize("bad", BAD_RECORDS)
async def test_whatever_one_record_holds_the_others_count(chain: Chain, bad: str) -> None:
    stage = await set_stage(chain)
    phone = await stage.member.take_card()
    times = [utc_now() - timedelta(seconds=STEP_S * steps) for steps in (10, 5)]
    good = [json.dumps({"card": phone.make_code(at), "scanned_at": at.isoformat()}) for at in times]
    body = f'{{"scans": [{good[0]}, {bad}, {good[1]}]}}'.encode()
    told = await report(chain, stage.till.at, body)
    assert told.status_code == 200, told.text
    outcomes = [(each["outcome"], each["reason"]) for each in told.json()["scans"]]
    assert outcomes == [("counted", None), ("refused", "malformed"), ("counted", None)]


@pytest.mark.parametrize(("odd", "is_cleaned_away"), ODD_TEXTS)
async def test_an_odd_character_costs_no_other_record(chain: Chain, odd: bytes, *, is_cleaned_away: bool) -> None:
    stage = await set_stage(chain)
    phone = await stage.member.take_card()
    times = [utc_now() - timedelta(seconds=STEP_S * steps) for steps in (10, 5)]
    codes = [phone.make_code(at).encode() for at in times]
    records = [
        b'{"card": "%b", "scanned_at": "%b"}' % (code, at.isoformat().encode())
        for code, at in zip(codes, times, strict=True)
    ]
    records[0] = records[0].replace(codes[0], codes[0][:200] + odd + codes[0][200:])
    told = await report(chain, stage.till.at, b'{"scans": [%b]}' % b", ".join(records))
    assert told.status_code == 200, told.text
    outcomes = [each["reason"] or each["outcome"] for each in told.json()["scans"]]
    assert outcomes == ["counted" if is_cleaned_away else "not_a_code", "counted"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"scans": []}', b'{"scans": 1}', b'{"scans": [{}], "x": 1}', b"1"]
)
async def test_what_is_no_report_is_refused_in_words(chain: Chain, body: bytes) -> None:
    stage = await set_stage(chain)
    expect_problem(await report(chain, stage.till.at, body), 400, "invalid-request")
    too_many = json.dumps({"scans": [{}] * 201}).encode()
    expect_problem(await report(chain, stage.till.at, too_many), 400, "invalid-request")
