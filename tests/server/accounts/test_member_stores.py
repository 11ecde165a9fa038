"""What the app must show: stores with address, phone, hours and distance; coupons with terms and stores."""

from typing import Any

import pytest

from geo.geodesy import WGS84
from kit.ids import new_id
from tests.support.expectations import expect_problem
from tests.support.stage import set_stage, walk_in
from tests.support.world import DOOR, Chain, Json, Member, store_body

GINZA = {"lat": 35.6717, "lon": 139.7650}
SHOWN = {"address": "東京都中央区銀座4-5-11", "phone": "03-1234-5678"}


async def listed(member: Member, **query: Any) -> list[str]:
    answer = await member.app.get("/v1/me/stores", **query)
    assert answer.status_code == 200, answer.text
    return [store["id"] for store in answer.json()["items"]]


async def near(member: Member, **body: Any) -> list[Json]:
    answer = await member.app.post("/v1/me/stores/nearest", GINZA | body)
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


async def test_a_member_sees_the_stores_of_their_program(chain: Chain, rival: Chain) -> None:
    hours = {"mon": [["09:00:00", "21:00:00"]]}
    ginza = await chain.add_store(name="Ginza", location=GINZA, opening_hours=hours, **SHOWN)
    always, shut = await chain.add_store(), await chain.add_store(opening_hours={})
    closed, foreign = await chain.add_store(), await rival.add_store()
    assert (await chain.owner.delete(f"/v1/stores/{closed}")).status_code == 204
    member = await chain.enrol()
    assert await listed(member) == [str(each) for each in (shut, always, ginza)]
    store = (await member.app.get(f"/v1/me/stores/{ginza}")).json()
    expected = {"name": "Ginza", "location": GINZA, "time_zone": "Asia/Tokyo", "opening_hours": hours} | SHOWN
    assert {name: store[name] for name in expected} == expected
    shown = [(await member.app.get(f"/v1/me/stores/{each}")).json() for each in (always, shut, closed)]
    assert [each["is_open"] for each in shown] == [True, False, False]
    assert [each["closed_at"] is None for each in shown] == [True, True, False]
    assert set(store).isdisjoint({"program_id", "code", "day_start_hour"})
    for unknown in (foreign, new_id()):
        expect_problem(await member.app.get(f"/v1/me/stores/{unknown}"), 404, "not-found")


async def test_the_stores_near_me(chain: Chain, rival: Chain) -> None:
    shinjuku, ginza = await chain.add_store(location=DOOR), await chain.add_store(location=GINZA)
    closed = await chain.add_store(location=GINZA)
    await chain.add_store(location=None)
    await rival.add_store(location=GINZA)
    await chain.owner.delete(f"/v1/stores/{closed}")
    member = await chain.enrol(consents=[])
    found = await near(member)
    assert [each["store"]["id"] for each in found] == [str(ginza), str(shinjuku)]
    away_m = WGS84.inv(GINZA["lon"], GINZA["lat"], DOOR["lon"], DOOR["lat"])[2]
    assert [each["distance_m"] for each in found] == pytest.approx([0, away_m], abs=0.01)
    assert len(await near(member, limit=1)) == 1


async def test_where_a_coupon_can_be_redeemed(chain: Chain) -> None:
    stage = await set_stage(chain)
    ginza = await chain.add_store(location=GINZA)
    offer = {"ja": {"title": "珈琲", "body": "一杯", "terms": "{store}で、おひとり様一回限り"}}
    everywhere = await chain.add_campaign(offer=offer)
    guest, other = await chain.enrol(), await chain.enrol()
    coupons = {}
    for coupon_id in await walk_in(guest):
        coupon = (await guest.app.get(f"/v1/me/coupons/{coupon_id}")).json()
        coupons[coupon["campaign_id"]] = coupon
        expect_problem(await other.app.get(f"/v1/me/coupons/{coupon_id}"), 404, "not-found")
    assert list(coupons.values()) != []
    of_list = (await guest.app.get("/v1/me/coupons")).json()["items"]
    assert {each["id"]: each for each in of_list} == {each["id"]: each for each in coupons.values()}

    here, all_over = coupons[str(stage.campaign_id)], coupons[str(everywhere)]
    assert (here["at_every_store"], here["terms"]) == (False, None)
    assert (all_over["at_every_store"], all_over["terms"]) == (True, "Shinjukuで、おひとり様一回限り")
    assert await listed(guest, coupon_id=here["id"]) == [str(stage.store_id)]
    assert await listed(guest, coupon_id=all_over["id"]) == [str(ginza), str(stage.store_id)]
    assert [each["store"]["id"] for each in await near(guest, coupon_id=here["id"])] == [str(stage.store_id)]
    expect_problem(await other.app.get("/v1/me/stores", coupon_id=here["id"]), 404, "not-found")
    theirs = GINZA | {"coupon_id": here["id"]}
    expect_problem(await other.app.post("/v1/me/stores/nearest", theirs), 404, "not-found")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("03-1234-5678", "03-1234-5678"),
        ("０３－１２３４－５６７８", "03-1234-5678"),  # noqa: RUF001 - as a Japanese keyboard types it
        ("０３ー１２３４ー５６７８", "03-1234-5678"),
        ("03−1234‐5678", "03-1234-5678"),  # noqa: RUF001
        (" +81 (0)3 1234 5678 ", "+81 (0)3 1234 5678"),
        ("110", "110"),
        ("call us", None),
        ("-", None),
        ("1", None),
        ("03-1234-5678 ext. 5", None),
        ("0" * 41, None),
    ],
)
async def test_a_stores_phone(chain: Chain, typed: str, kept: str | None) -> None:
    answer = await chain.owner.post("/v1/stores", store_body(phone=typed))
    if kept is None:
        assert "03-1234-5678" in expect_problem(answer, 400, "invalid-request")["detail"]
    else:
        assert answer.json()["phone"] == kept


async def test_a_stores_address_is_kept_without_what_nobody_sees(chain: Chain) -> None:
    for typed, kept in ((" 東京都\n中央区　", "東京都\n中央区"), ("　 ", None), (None, None)):
        made = await chain.owner.post("/v1/stores", store_body(address=typed))
        assert (made.status_code, made.json()["address"]) == (201, kept)
    expect_problem(await chain.owner.post("/v1/stores", store_body(address="x" * 501)), 400, "invalid-request")
