"""What staff look for: one member, one store, what is near, what one member did, what happened on a day."""

from datetime import date, timedelta
from typing import Any

import pytest

from geo.geodesy import WGS84
from kit.ids import new_id
from kit.sealing import Keyring
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.inbox import fetch_code
from tests.support.proving import change_proof, let_means_stand
from tests.support.stage import set_stage, walk_in
from tests.support.transferring import settle
from tests.support.world import DOOR, Caller, Chain, Member

PHONE, EMAIL = "+819012345678", "hana@example.com"
SEEN = {"kind": "phone", "value": "090-1234-5678"}
GINZA, KYOTO = {"lat": 35.6717, "lon": 139.7650}, {"lat": 34.9858, "lon": 135.7588}


async def ids(caller: Caller, path: str, **query: Any) -> list[str]:
    answer = await caller.get(path, **query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def search(chain: Chain, **body: str) -> list[str]:
    answer = await chain.owner.post("/v1/members/search", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next_cursor"] is None
    return [item["member_id"] for item in answer.json()["items"]]


async def verify(chain: Chain, member: Member, kind: str, value: str) -> str | None:
    """The token that a device transfer gives."""
    proof = await change_proof(chain, member)
    opened = await member.app.post("/v1/me/verifications", {"kind": kind, "value": value} | proof)
    assert opened.status_code == 201, opened.text
    code = await fetch_code(chain.world.pool, Keyring(SECRET_KEY), value)
    done = await member.app.post(f"/v1/me/verifications/{opened.json()['id']}/confirm", {"code": code})
    assert done.status_code == 200, done.text
    await let_means_stand(chain.world.pool, chain.id)
    token: str | None = (await settle(chain, member, done.json()))["device_token"]
    # The next code for this contact is a minute away.
    await chain.world.pool.execute(
        "UPDATE verification_code_counts SET last_sent_at = last_sent_at - interval '1 minute' WHERE program_id = $1",
        chain.id,
    )
    return token


async def test_a_member_is_found_by_what_they_say(chain: Chain, rival: Chain) -> None:
    hana, _other = await chain.enrol(), await chain.enrol()
    stranger = await rival.enrol()
    await verify(chain, hana, "phone", PHONE)
    await verify(chain, hana, "email", EMAIL)
    spaced = f"{hana.card_number[:4]} {hana.card_number[4:8]}-{hana.card_number[8:]}"
    for said in (
        {"phone": PHONE},
        {"phone": "090-1234-5678"},
        {"phone": "０９０-１２３４-５６７８"},  # noqa: RUF001 - as a Japanese keyboard types it
        {"email": "Hana@Example.com"},
        {"card_number": hana.card_number},
        {"card_number": spaced},
    ):
        assert await search(chain, **said) == [str(hana.id)], said
        assert await search(rival, **said) == [], said
    assert await search(chain, phone="+818012345678") == []
    assert await search(chain, card_number=stranger.card_number) == []
    listed = {item["member_id"]: item for item in (await chain.owner.get("/v1/members")).json()["items"]}
    (found,) = (await chain.owner.post("/v1/members/search", {"email": EMAIL})).json()["items"]
    assert found == listed[str(hana.id)]


async def test_the_number_of_a_member_who_became_another_finds_that_one(chain: Chain) -> None:
    old, new = await chain.enrol(), await chain.enrol()
    await verify(chain, old, "phone", PHONE)
    assert await verify(chain, new, "phone", PHONE)
    assert await search(chain, card_number=new.card_number) == [str(old.id)]


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({}, "invalid-request"),
        ({"phone": PHONE, "email": EMAIL}, "invalid-request"),
        ({"phone": ""}, "invalid-request"),
        ({"phone": "hana"}, "contact-unusable"),
        ({"email": "hana"}, "contact-unusable"),
        ({"card_number": "2912345678907"}, "invalid-request"),
    ],
    ids=str,
)
async def test_what_finds_nobody_because_it_cannot_be(chain: Chain, body: dict[str, str], slug: str) -> None:
    expect_problem(await chain.owner.post("/v1/members/search", body), slug=slug)


async def test_stores_by_code(chain: Chain, rival: Chain) -> None:
    ginza, _ = await chain.add_store(code="ginza-1"), await chain.add_store(code="ginza-2")
    await rival.add_store(code="ginza-1")
    assert await ids(chain.owner, "/v1/stores", code="ginza-1") == [str(ginza)]
    expect_problem(await chain.owner.get("/v1/stores", code="a\0b"), 400, "invalid-request")
    for code in ("ginza", "GINZA-1", ""):
        assert await ids(chain.owner, "/v1/stores", code=code) == []
    manager = await chain.add_person("store_manager", ginza)
    assert await ids(manager.session, "/v1/stores", code="ginza-2") == []


async def test_stores_near_a_place(chain: Chain, rival: Chain) -> None:
    shinjuku, ginza = await chain.add_store(location=DOOR), await chain.add_store(location=GINZA)
    kyoto, closed = await chain.add_store(location=KYOTO), await chain.add_store(location=DOOR)
    await chain.add_store(location=None)
    await rival.add_store(location=GINZA)
    assert (await chain.owner.delete(f"/v1/stores/{closed}")).status_code == 204

    async def near(caller: Caller, **body: Any) -> list[tuple[str, float]]:
        answer = await caller.post("/v1/stores/nearest", body)
        assert answer.status_code == 200, answer.text
        return [(each["store"]["id"], each["distance_m"]) for each in answer.json()["items"]]

    found = await near(chain.owner, **GINZA)
    assert [store_id for store_id, _ in found] == [str(ginza), str(shinjuku), str(kyoto)]
    expected = [WGS84.inv(GINZA["lon"], GINZA["lat"], each["lon"], each["lat"])[2] for each in (GINZA, DOOR, KYOTO)]
    assert [distance_m for _, distance_m in found] == pytest.approx(expected, abs=0.01)
    assert [store_id for store_id, _ in await near(chain.owner, **KYOTO, limit=1)] == [str(kyoto)]
    manager = await chain.add_person("store_manager", kyoto)
    assert [store_id for store_id, _ in await near(manager.session, **GINZA)] == [str(kyoto)]
    for wrong in ({"lat": 91, "lon": 0}, {"lat": 0}, GINZA | {"limit": 0}, GINZA | {"limit": 201}):
        expect_problem(await chain.owner.post("/v1/stores/nearest", wrong), 400, "invalid-request")


async def test_transitions_and_scans_of_one_member(chain: Chain, rival: Chain) -> None:
    stage = await set_stage(chain)
    guest = await chain.enrol()
    await walk_in(guest)
    for till in (stage.till, await chain.add_till(await chain.add_store())):
        assert (await till.at.post("/v1/scans", {"card": guest.card_number})).status_code == 201
    for what, everywhere, here in (("transitions", 1, 1), ("scans", 2, 1)):
        path = f"/v1/stores/{stage.store_id}/{what}"
        theirs = await ids(chain.owner, f"/v1/members/{guest.id}/{what}")
        at_store = await ids(chain.owner, path, member_id=guest.id)
        assert (len(theirs), len(at_store)) == (everywhere, here)
        assert set(at_store) == set(theirs) & set(await ids(chain.owner, path))
        assert len(await ids(chain.owner, path)) == 2
        assert await ids(stage.manager.session, path, member_id=guest.id) == at_store
        assert await ids(chain.owner, path, member_id=new_id()) == []
        assert await ids(chain.owner, path, member_id=(await rival.enrol()).id) == []
        expect_problem(await chain.owner.get(path, member_id="me"), 400, "invalid-request")
        expect_problem(await stage.manager.session.get(f"/v1/members/{guest.id}/{what}"), 403, "forbidden")


async def test_the_log_of_a_survivor_has_what_the_other_did(chain: Chain) -> None:
    stage = await set_stage(chain)
    old, new = await chain.enrol(), await chain.enrol()
    await walk_in(new)
    await stage.till.at.post("/v1/scans", {"card": new.card_number})
    await verify(chain, old, "phone", PHONE)
    assert await verify(chain, new, "phone", PHONE)
    for what in ("transitions", "scans"):
        for path in (f"/v1/members/{old.id}/{what}", f"/v1/stores/{stage.store_id}/{what}?member_id={old.id}"):
            assert len((await chain.owner.call("GET", path)).json()["items"]) == 1, path


async def test_visits_and_scans_by_day(chain: Chain) -> None:
    stage = await set_stage(chain)
    visits, scans = f"/v1/members/{stage.member.id}/visits", f"/v1/stores/{stage.store_id}/scans"
    member_scans = f"/v1/members/{stage.member.id}/scans"
    (visit,) = (await chain.owner.get(visits)).json()["items"]
    day = date.fromisoformat(visit["business_day"])
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    for caller, path in (
        (chain.owner, visits),
        (stage.member.app, "/v1/me/visits"),
        (stage.manager.session, scans),
        (chain.owner, member_scans),
    ):
        for query, count in (
            ({"from_day": day, "to_day": day}, 1),
            ({"from_day": day}, 1),
            ({"to_day": day}, 1),
            ({"from_day": before, "to_day": after}, 1),
            ({"from_day": "0001-01-01", "to_day": "9999-12-31"}, 1),
            ({"to_day": before}, 0),
            ({"from_day": after}, 0),
        ):
            assert len(await ids(caller, path, **query)) == count, (path, query)
        for wrong in ({"from_day": after, "to_day": before}, {"from_day": "today"}, {"to_day": ""}):
            expect_problem(await caller.get(path, **wrong), 400, "invalid-request")
