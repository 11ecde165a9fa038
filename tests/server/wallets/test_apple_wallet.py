"""The card in Apple Wallet, over HTTP: what the pass shows, and when it changes and ends."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import utc_now
from kit.database import in_transaction
from server.privacy.erase import erase, erase_again
from server.runtime.store_places import StorePlaces
from server.wallets.refresh_passes import FIRST, refresh_page
from tests.support.apple import (
    by_leaving,
    by_merging,
    by_owner,
    by_signing_out,
    changed,
    nearest_place,
    pass_path,
    path_of,
    read,
    register,
    rows_of,
    set_points,
    sweep,
    values,
)
from tests.support.expectations import expect_problem
from tests.support.stage import set_stage
from tests.support.world import DOOR, Chain, fix


async def test_the_pass_shows_what_the_member_has(chain: Chain) -> None:
    stage = await set_stage(chain)
    shown = read(await stage.member.app.get("/v1/me/card.pkpass"))
    home = (await stage.member.app.get("/v1/me/summary")).json()
    assert shown["barcodes"][0]["message"] == stage.member.card_number
    seen = values(shown)
    assert seen["points"] == home["points"]["balance"] > 0
    assert seen["coupon"] == home["coupons"][0]["title"] == "ようこそ Shinjuku"
    assert shown["serialNumber"] == stage.member.pass_serial
    assert shown["authenticationToken"] == stage.member.wallet.token
    assert shown["webServiceURL"] == "https://noren.example/apple-wallet"
    assert shown["locations"] == [
        {"latitude": DOOR["lat"], "longitude": DOOR["lon"], "relevantText": "Shinjukuの近くです"}
    ]
    assert len(shown["authenticationToken"]) >= 16
    till = stage.till
    answer = await till.at.post("/v1/scans", {"card": shown["barcodes"][0]["message"]})
    assert answer.status_code == 201, "it identifies"
    spent = {"member_id": str(stage.member.id), "scan_id": answer.json()["scan_id"], "receipt": "S-9", "points": 1}
    expect_problem(await till.at.post("/v1/points/spend", spent), 422, "scan-trust-too-low")


async def test_the_pass_speaks_the_phones_language(chain: Chain) -> None:
    await chain.add_store()
    member = await chain.enrol(locale="en")
    shown = read(await member.app.get("/v1/me/card.pkpass"))
    assert shown["locations"][0]["relevantText"] == "You are near Shinjuku"
    assert "points" not in values(shown), "the program has no points"


async def test_a_pass_names_the_ten_stores_nearest_to_the_member(chain: Chain) -> None:
    for step in range(14):
        await chain.add_store(name=f"s{step}", location={"lat": 35.0 + step, "lon": 139.7})
    everywhere = await chain.enrol()
    assert "locations" not in read(await everywhere.app.get("/v1/me/card.pkpass")), "no place is known"
    shy = await chain.enrol(consents=[], store_id=str(await chain.add_store(name="home", location=DOOR)))
    shown = read(await shy.app.get("/v1/me/card.pkpass"))
    assert [place["relevantText"][:2] for place in shown["locations"][:2]] == ["ho", "s1"], "where they joined"
    far = {"lat": 48.0, "lon": 139.7}
    steps = [fix(far, ago_s=100), fix(far, ago_s=50)]
    assert (await everywhere.app.post("/v1/locations", {"fixes": steps})).json()["accepted"] == 2
    lats = [place["latitude"] for place in read(await everywhere.app.get("/v1/me/card.pkpass"))["locations"]]
    assert lats == [48.0 - step for step in range(10)]
    for consented, count in ((False, 0), (True, 10)):  # whatever is still held of their place
        sql = "UPDATE members SET location_consent = $2 WHERE member_id = $1"
        await chain.world.pool.execute(sql, everywhere.id, consented)
        shown = read(await everywhere.app.get("/v1/me/card.pkpass"))
        assert len(shown.get("locations", [])) == count
    withdrawn = {"consents": [{"purpose": "location", "granted": False, "text_version": "2"}]}
    assert (await everywhere.app.put("/v1/me/consents", withdrawn)).status_code == 200
    assert "locations" not in read(await everywhere.app.get("/v1/me/card.pkpass"))


async def test_a_visit_that_was_undone_moves_no_pass(chain: Chain) -> None:
    home = await chain.add_store(name="home", location=DOOR)
    till = await chain.add_till(await chain.add_store(name="far", location={"lat": 48.0, "lon": 139.7}))
    member = await chain.enrol(consents=[], store_id=str(home))
    scanned = (await till.at.post("/v1/scans", {"card": member.card_number})).json()
    assert await nearest_place(member) == "fa"
    body = {"member_id": str(member.id), "scan_id": scanned["scan_id"]}
    assert (await till.at.post("/v1/scans/undo", body)).json()["is_visit_undone"]
    assert await nearest_place(member) == "ho"


async def test_the_web_service_from_the_first_day_to_the_last(chain: Chain) -> None:
    await set_stage(chain)
    member = await chain.enrol()
    assert (await changed(member)).status_code == 204
    assert (await register(member)).status_code == 201
    assert (await register(member)).status_code == 200
    listed = (await changed(member)).json()
    assert listed["serialNumbers"] == [member.pass_serial]
    assert (await changed(member, since=listed["lastUpdated"])).status_code == 204
    first = await member.wallet.get(pass_path(member))
    assert values(read(first))["points"] == 0
    known = {"If-Modified-Since": first.headers["last-modified"]}
    same = await member.wallet.call("GET", pass_path(member), headers=known)
    assert (same.status_code, same.content) == (304, b"")

    await set_points(chain, member, 50)
    assert values(read(await member.wallet.call("GET", pass_path(member), headers=known)))["points"] == 50
    assert (await changed(member, since=listed["lastUpdated"])).status_code == 204, "nobody has looked yet"
    await asyncio.sleep(1.1)
    assert await refresh_page(chain.world.pool, StorePlaces(), FIRST) is None
    news = (await changed(member, since=listed["lastUpdated"])).json()
    assert news["serialNumbers"] == [member.pass_serial]
    second = await member.wallet.call("GET", pass_path(member), headers=known)
    assert values(read(second))["points"] == 50
    known = {"If-Modified-Since": second.headers["last-modified"]}
    assert (await member.wallet.call("GET", pass_path(member), headers=known)).status_code == 304
    await sweep(chain)
    assert (await changed(member, since=news["lastUpdated"])).status_code == 204, "nothing new"

    assert (await member.wallet.delete(path_of(member))).status_code == 200
    assert (await member.wallet.delete(path_of(member))).status_code == 200
    assert (await changed(member)).status_code == 204
    assert await chain.world.count("apple_passes", chain.id) == 0
    assert read(await member.wallet.get(pass_path(member)))["serialNumber"] == member.pass_serial


@pytest.mark.parametrize("end", [by_owner, by_leaving, by_signing_out, by_merging])
async def test_a_pass_ends_with_the_members_right_to_it(chain: Chain, end: Any) -> None:
    member = (await set_stage(chain)).member
    assert (await register(member)).status_code == 201
    listed = (await changed(member)).json()
    await end(chain, member)
    await sweep(chain)
    assert (await changed(member, since=listed["lastUpdated"])).json()["serialNumbers"] == [member.pass_serial]
    answer = await member.wallet.get(pass_path(member))
    shown = read(answer)
    assert shown["voided"] is True
    assert set(values(shown)) == {"ended"}
    assert member.card_number.encode() not in answer.content
    assert "barcodes" not in shown
    expect_problem(await register(member, "another"), 401, "unauthenticated")
    assert (await register(member)).status_code == 401
    assert (await member.app.get("/v1/me/card.pkpass")).status_code in {401, 403}


async def test_an_erased_member_leaves_an_empty_pass_and_no_registration(chain: Chain) -> None:
    member = (await set_stage(chain)).member
    await register(member)
    now = utc_now()
    await in_transaction(chain.world.pool, lambda conn: erase(conn, chain.id, member.id, now))
    for ago in (timedelta(0), timedelta(minutes=11)):
        await erase_again(chain.world.pool, now + ago)
        assert (await changed(member)).status_code == 204
        assert read(await member.wallet.get(pass_path(member)))["voided"] is True
        expect_problem(await register(member), 401, "unauthenticated")
        assert (await member.wallet.delete(path_of(member))).status_code == 200
    assert await rows_of(chain, member) == []
    assert await chain.world.count("apple_passes", chain.id) == 0


async def test_an_erasure_during_registrations_leaves_none(chain: Chain) -> None:
    member = (await set_stage(chain)).member
    await register(member, "first")

    async def erase_now() -> None:
        await in_transaction(chain.world.pool, lambda conn: erase(conn, chain.id, member.id, utc_now()))

    answers = await asyncio.gather(*(register(member, f"phone-{n}") for n in range(8)), erase_now())
    assert {answer.status_code for answer in answers if answer is not None} <= {201, 401}
    await erase_again(chain.world.pool, utc_now() + timedelta(minutes=11))
    assert await rows_of(chain, member) == []
    assert await chain.world.count("apple_passes", chain.id) == 0


async def test_a_pass_comes_back_when_its_member_does(chain: Chain) -> None:
    member = await chain.enrol()
    await register(member)
    for action, is_voided in (("block", True), ("unblock", False)):
        assert (await chain.owner.post(f"/v1/members/{member.id}/{action}")).status_code == 200
        await sweep(chain)
        assert ("voided" in read(await member.wallet.get(pass_path(member)))) is is_voided


async def test_what_a_store_a_program_and_a_rank_are_called_moves_the_tag(chain: Chain) -> None:
    stage = await set_stage(chain)
    member = stage.member
    await register(member)
    store = {"name": "Ginza", "time_zone": "Asia/Tokyo", "location": DOOR}
    ranks = {
        "measure": "visits", "period": "year", "time_zone": "Asia/Tokyo",
        "ranks": [{"code": "gold", "name": {"ja": "ゴールド"}, "threshold": 1}],
    }  # fmt: skip
    tag = (await changed(member)).json()["lastUpdated"]
    await sweep(chain)
    assert (await changed(member, since=tag)).status_code == 204
    for method, path, body in (
        ("PUT", f"/v1/stores/{stage.store_id}", store),
        ("PATCH", "/v1/program", {"name": "Kissa Momiji", "default_locale": "ja"}),
        ("PUT", "/v1/program/ranks", ranks),
    ):
        assert (await chain.owner.call(method, path, body)).status_code == 200
        if path == "/v1/program/ranks":
            await stage.till.at.post("/v1/scans", {"card": member.card_number})
            sql = "INSERT INTO member_ranks VALUES ($1, $2, 'gold', now(), NULL, 1) ON CONFLICT DO NOTHING"
            await chain.world.pool.execute(sql, member.id, chain.id)
        await sweep(chain)
        news = await changed(member, since=tag)
        assert news.status_code == 200, path
        assert int(news.json()["lastUpdated"]) > int(tag), path
        tag = news.json()["lastUpdated"]
    shown = read(await member.wallet.get(pass_path(member)))
    assert shown["locations"][0]["relevantText"] == "Ginzaの近くです"
    assert (values(shown)["rank"], shown["organizationName"]) == ("ゴールド", "Kissa Momiji")
    assert values(shown)["coupon"] == "ようこそ Ginza"


async def test_a_walk_through_town_is_no_change_and_a_journey_is(chain: Chain) -> None:
    for step in range(12):
        await chain.add_store(name=f"s{step}", location={"lat": 35.0 + step / 2, "lon": 139.7})
    member = await chain.enrol()
    here, walked, travelled = ({"lat": lat, "lon": 139.7} for lat in (36.0, 36.01, 39.5))
    await member.app.post("/v1/locations", {"fixes": [fix(here, ago_s=9000)]})
    await register(member)
    tag = (await changed(member)).json()["lastUpdated"]
    await member.app.post("/v1/locations", {"fixes": [fix(walked, ago_s=8000)]})
    await sweep(chain)
    assert (await changed(member, since=tag)).status_code == 204
    steps = [fix(travelled, ago_s=100), fix(travelled, ago_s=50)]
    await member.app.post("/v1/locations", {"fixes": steps})
    await sweep(chain)
    assert (await changed(member, since=tag)).status_code == 200
