"""What `POST /v1/locations` makes of bad fixes: told by index and reason, and the good ones are taken all the same."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.locations.fixes import MAX_FIXES, read_fixes
from tests.server.web.test_bad_input import BROKEN
from tests.support.expectations import expect_problem
from tests.support.stage import set_stage, walk_in
from tests.support.undecodable import NO_JSON_AT_ALL, UNDECODABLE
from tests.support.world import AWAY, DOOR, Chain, Json, Member, fix

NOTHING = {"accepted": 0, "late": 0, "future": 0, "mocked": 0, "no_consent": 0, "refused": [], "coupons": []}
REASONS: list[tuple[Any, str]] = [
    ({"lat": 90.1}, "lat_out_of_range"),
    ({"lat": -1e308}, "lat_out_of_range"),
    ({"lon": 180.1}, "lon_out_of_range"),
    ({"lon": 10**30}, "lon_out_of_range"),
    ({"accuracy_m": -1}, "accuracy_invalid"),
    ({"accuracy_m": 1e12}, "accuracy_invalid"),
    ({"recorded_at": "2026-11-21T09:00:00"}, "time_invalid"),
    ({"recorded_at": "1999-12-31T23:59:59Z"}, "time_invalid"),
    ({"recorded_at": "0001-01-01T00:00:00Z"}, "time_invalid"),
    ({"recorded_at": "0001-01-01T00:00:00+09:00"}, "malformed"),
    ({"recorded_at": "9999-12-31T23:59:59-12:00"}, "malformed"),
    ({"recorded_at": "yesterday"}, "malformed"),
    ({"recorded_at": 1_795_000_000}, "malformed"),
    ({"recorded_at": None}, "malformed"),
    ({"lat": "35.6"}, "malformed"),
    ({"lat": None}, "malformed"),
    ({"lat": True}, "malformed"),
    ({"lat": 10**400}, "lat_out_of_range"),
    ({"accuracy_m": "good"}, "malformed"),
    ({"mocked": 1}, "malformed"),
]


AT_THE_BOUNDS: list[Any] = [
    {"lat": 90},
    {"lat": -90.0},
    {"lon": 180},
    {"lon": -180.0},
    {"accuracy_m": 0},
    {"accuracy_m": 100_000},
    {"accuracy_m": None},
    {"recorded_at": "2000-01-01T00:00:00Z"},
    {"recorded_at": "2000-01-01T09:00:00+09:00"},
]


@pytest.mark.parametrize("change", AT_THE_BOUNDS, ids=str)
def test_what_lies_on_a_bound_is_taken(change: Json) -> None:
    good, refused = read_fixes(json.dumps({"fixes": [fix(DOOR, ago_s=0) | change]}).encode())
    assert (len(good), refused) == (1, [])
    assert good[0].recorded_at.tzinfo is UTC


async def upload(member: Member, *fixes: object) -> Json:
    response = await member.app.post("/v1/locations", {"fixes": list(fixes)})
    assert response.status_code == 200, response.text
    receipt: Json = response.json()
    return receipt


@pytest.mark.parametrize(("change", "reason"), REASONS, ids=str)
async def test_a_bad_fix_is_told_and_the_good_ones_are_taken(chain: Chain, change: Json, reason: str) -> None:
    stage = await set_stage(chain)
    guest = await chain.enrol()
    bad = fix(DOOR, ago_s=150) | change
    receipt = await upload(guest, fix(AWAY, ago_s=200), bad, fix(DOOR, ago_s=100))
    assert receipt == NOTHING | {
        "accepted": 2,
        "refused": [{"index": 1, "reason": reason}],
        "coupons": receipt["coupons"],
    }
    assert len(receipt["coupons"]) == 1, stage


@pytest.mark.parametrize("what", UNDECODABLE)
@pytest.mark.parametrize("where", ["in a field that is not read", "in the latitude"])
async def test_what_cannot_be_decoded_costs_only_itself(chain: Chain, what: str, where: str) -> None:
    stage, raw = await set_stage(chain), UNDECODABLE[what]
    guest = await chain.enrol()
    away, bad, door = (
        json.dumps(each).encode() for each in (fix(AWAY, ago_s=200), fix(DOOR, ago_s=150), fix(DOOR, ago_s=100))
    )
    if where == "in the latitude":
        bad = b'{"lat": ' + raw + b", " + bad[bad.index(b'"lon"') :]
    else:
        bad = bad[:-1] + b', "note": ' + raw + b"}"
    response = await guest.app.post("/v1/locations", content=b'{"fixes": [%s, %s, %s]}' % (away, bad, door))
    assert response.status_code == 200, response.text
    receipt = response.json()
    refused = [1] if where == "in the latitude" or what in NO_JSON_AT_ALL else []
    assert (receipt["accepted"], [each["index"] for each in receipt["refused"]]) == (3 - len(refused), refused)
    assert len(receipt["coupons"]) == 1, stage


async def test_a_body_that_was_cut_off_gives_what_it_holds(chain: Chain) -> None:
    whole = json.dumps({"fixes": [fix(DOOR, ago_s=100), fix(DOOR, ago_s=50)]}).encode()
    response = await (await chain.enrol()).app.post("/v1/locations", content=whole[:-20])
    assert response.json() == NOTHING | {"accepted": 1, "refused": [{"index": 1, "reason": "malformed"}]}


@pytest.mark.parametrize("bad", [None, 1, "fix", [], {}, {"lat": 1}, [[[]]]], ids=str)
async def test_what_is_no_fix_at_all(chain: Chain, bad: object) -> None:
    receipt = await upload(await chain.enrol(), bad, fix(DOOR, ago_s=100), bad)
    assert receipt["accepted"] == 1
    assert receipt["refused"] == [{"index": index, "reason": "malformed"} for index in (0, 2)]


async def test_a_refused_fix_leaves_no_trace(chain: Chain) -> None:
    member = await chain.enrol()
    before = await chain.world.fingerprint()
    receipt = await upload(member, *(fix(DOOR, ago_s=100) | change for change, _ in REASONS))
    assert [each["reason"] for each in receipt["refused"]] == [reason for _, reason in REASONS]
    assert await chain.world.fingerprint() == before


async def test_a_fix_from_next_year_moves_nothing(chain: Chain) -> None:
    await set_stage(chain)
    guest = await chain.enrol()
    next_year = datetime.now(UTC) + timedelta(days=365)
    for recorded_at in (next_year, datetime.now(UTC) + timedelta(seconds=70), datetime.max.replace(tzinfo=UTC)):
        receipt = await upload(guest, fix(DOOR, ago_s=0) | {"recorded_at": recorded_at.isoformat()})
        assert receipt == NOTHING | {"future": 1}
    assert await walk_in(guest), "a fix of the future must not make the present late"


async def test_the_first_moment_that_is_taken_does_not_lock_the_device_out(chain: Chain) -> None:
    await set_stage(chain)
    guest = await chain.enrol()
    receipt = await upload(guest, fix(AWAY, ago_s=0) | {"recorded_at": "2000-01-01T00:00:00Z"})
    assert receipt == NOTHING | {"accepted": 1}
    assert await walk_in(guest)


async def test_unknown_fields_of_newer_apps_are_ignored(chain: Chain) -> None:
    member = await chain.enrol()
    body = {"fixes": [fix(DOOR, ago_s=9) | {"battery": {"level": [0.5]}}], "app": "2.0"}
    response = await member.app.post("/v1/locations", body)
    assert response.json() == NOTHING | {"accepted": 1}


async def test_a_body_without_a_list_of_fixes(chain: Chain) -> None:
    member = await chain.enrol()
    before = await chain.world.fingerprint()
    for body in (*BROKEN.values(), b'{"fixes": null}', b'{"fixes": {}}', b'{"fix": []}', b'["fixes", []]'):
        expect_problem(await member.app.post("/v1/locations", content=body), 400, "invalid-request")
    assert await chain.world.fingerprint() == before


async def test_a_thousand_fixes_are_taken_and_one_more_is_not(chain: Chain) -> None:
    member = await chain.enrol()
    fixes = [fix(DOOR, ago_s=MAX_FIXES - second) for second in range(MAX_FIXES)]
    expect_problem(await member.app.post("/v1/locations", {"fixes": [*fixes, fixes[0]]}), 413, "body-too-large")
    assert (await upload(member, *fixes))["accepted"] == MAX_FIXES
    assert await upload(member) == NOTHING


async def test_ten_megabytes_are_too_much(chain: Chain) -> None:
    member = await chain.enrol()
    body = json.dumps({"fixes": [fix(DOOR, ago_s=1)] * 100_000}).encode()
    assert len(body) > 10_000_000
    expect_problem(await member.app.post("/v1/locations", content=body), 413, "body-too-large")


async def test_without_consent_nothing_is_looked_at(chain: Chain) -> None:
    stage = await set_stage(chain)
    guest = await chain.enrol(consents=[])
    receipt = await upload(guest, fix(AWAY, ago_s=200), fix(DOOR, ago_s=100))
    assert receipt == NOTHING | {"no_consent": 2}
    await guest.app.put("/v1/me/consents", {"consents": [granted("location")]})
    assert len(await walk_in(guest)) == 1, stage


def granted(purpose: str) -> Json:
    return {"purpose": purpose, "granted": True, "text_version": "1"}
