"""Audiences over HTTP: saved in versions, counted, listed, named by campaigns; and what is refused."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest

from audiences import estimate
from audiences.estimate import Foreseen
from ids import StoreId
from kit.ids import new_id
from server.audiences.coarse import coarsen
from server.audiences.size import AudienceSize, UnknownCount
from tests.support.stage import SHOE_SIZE
from tests.support.world import Chain, Json, Member

BOUGHT = {"type": "visits", "at_least": 1}
POINTS: Json = {"type": "points", "at_least": 10}


def ok(response: Any) -> Any:
    assert response.status_code in (200, 201, 204), response.text
    return response.json() if response.content else None


def refused(response: Any) -> tuple[int, str, str | None]:
    problem = response.json()
    return response.status_code, problem["type"].rpartition(":")[2], problem.get("at")


async def save(chain: Chain, tree: Json, name: str = "People") -> Json:
    saved: Json = ok(await chain.owner.post("/v1/audiences", {"name": name, "tree": tree}))
    return saved


async def consenting(chain: Chain, *purposes: str, **changes: Any) -> Member:
    consents = [{"purpose": purpose, "granted": True, "text_version": "1"} for purpose in purposes]
    return await chain.enrol(consents=consents, **changes)


async def come(chain: Chain, member: Member, store_id: StoreId) -> Json:
    till = await chain.add_till(store_id)
    told: Json = ok(await till.at.post("/v1/scans", {"card": member.card_number}))
    return told


async def test_an_audience_keeps_its_versions(chain: Chain) -> None:
    made = await save(chain, POINTS)
    path = f"/v1/audiences/{made['id']}"
    assert made["version"] == 1
    changed = ok(await chain.owner.put(path, {"name": "Regulars", "tree": BOUGHT, "version": 1}))
    assert (changed["version"], changed["name"], changed["tree"]["type"]) == (2, "Regulars", "visits")
    assert ok(await chain.owner.get(path))["version"] == 2
    assert ok(await chain.owner.get(path, version="1"))["tree"]["type"] == "points"
    again = await chain.owner.put(path, {"name": "Regulars", "tree": BOUGHT, "version": 1})
    assert refused(again) == (409, "audience-changed", None)
    assert [each["id"] for each in ok(await chain.owner.get("/v1/audiences"))["items"]] == [made["id"]]
    ok(await chain.owner.delete(path))
    assert refused(await chain.owner.get(path))[:2] == (404, "not-found")
    assert ok(await chain.owner.get(path, version="1"))["version"] == 1


async def test_a_count_tells_whom_it_cannot_judge_and_why(chain: Chain) -> None:
    store_id = await chain.add_store()
    comes, silent = await consenting(chain, "profiling"), await consenting(chain, "push")
    await consenting(chain, "profiling")
    for member in (comes, silent):
        await come(chain, member, store_id)
    tree = {"type": "and", "of": [BOUGHT, {"type": "consent", "purpose": "location"}]}
    assert ok(await chain.owner.post("/v1/audiences/count", {"tree": BOUGHT})) == {
        "members": 3, "is_estimate": False, "matching": 1, "matching_at_least": 1, "matching_at_most": 1,
        "in_steps_of": 1, "share": pytest.approx(1 / 3), "unknown": 1, "unknown_by": [{"at": "tree", "members": 1}],
        "sample": [str(comes.id)],
    }  # fmt: skip
    # What is false whatever the unknown part is, is false.
    assert ok(await chain.owner.post("/v1/audiences/count", {"tree": tree}))["unknown"] == 0
    saved = await save(chain, BOUGHT)
    assert ok(await chain.owner.post("/v1/audiences/count", {"audience_id": saved["id"]}))["matching"] == 1


async def test_a_count_that_would_take_long_judges_a_part(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    async def foresee(*_: object) -> Foreseen:
        return Foreseen(10 * estimate.AFFORDABLE_COST, 12)

    monkeypatch.setattr("server.audiences.count.foresee", foresee)
    monkeypatch.setattr(estimate, "FEWEST_JUDGED", 6)
    monkeypatch.setattr(estimate, "MOST_JUDGED", 6)
    for _ in range(12):
        await consenting(chain, "push")
    counted = ok(await chain.owner.post("/v1/audiences/count", {"tree": {"type": "consent", "purpose": "push"}}))
    assert (counted["is_estimate"], counted["members"]) == (True, 12)
    assert len(counted["sample"]) <= counted["matching_at_least"] <= counted["matching"]
    assert counted["matching_at_most"] == 12  # all of the part are in it: nothing speaks against anybody


async def test_a_manager_counts_those_who_joined_at_their_store_and_narrows_down_to_nobody(chain: Chain) -> None:
    theirs, other = await chain.add_store(), await chain.add_store()
    for store_id in (*[theirs] * 11, other):
        await consenting(chain, "push", store_id=str(store_id))
    manager = await chain.add_person("store_manager", theirs)

    async def counted(tree: Json) -> Json:
        found: Json = ok(await manager.session.post("/v1/audiences/count", {"tree": tree}))
        return {name: found[name] for name in ("members", "matching", "matching_at_most", "unknown", "in_steps_of")}

    all_of_theirs: Json = {"type": "joined", "at_most_days": 1}
    assert await counted(all_of_theirs) == {
        "members": 10, "matching": 10, "matching_at_most": 19, "unknown": 0, "in_steps_of": 10,
    }  # fmt: skip
    await chain.world.pool.execute(
        "UPDATE member_facts SET points = 50 WHERE member_id ="
        " (SELECT member_id FROM members WHERE enrolled_store_id = $1 LIMIT 1)",
        theirs,
    )
    for narrow in (POINTS, {"type": "not", "of": {"type": "not", "of": POINTS}}, {"type": "points", "at_least": 10**6}):
        assert (await counted(narrow))["matching"] == 0


@pytest.mark.parametrize(
    ("exact", "told"),
    [((1, 9, 40, 3), (0, 9, 0, 0)), ((19, 19, 19, 0), (10, 19, 10, 0)), ((20, 25, 30, 12), (20, 29, 30, 10))],
)
def test_numbers_in_steps(exact: tuple[int, ...], told: tuple[int, ...]) -> None:
    matching, at_most, members, unknown = exact
    size = AudienceSize(
        members=members, is_estimate=False, matching=matching, matching_at_least=matching, matching_at_most=at_most,
        share=matching / members, unknown=unknown, unknown_by=[UnknownCount("tree", unknown)], sample=[],
    )  # fmt: skip
    coarse = coarsen(size)
    assert coarse.sample is None
    assert coarse.matching_at_least == coarse.matching <= matching <= at_most <= coarse.matching_at_most
    assert (coarse.matching, coarse.matching_at_most, coarse.unknown) == (told[0], told[1], told[3])
    assert [each.members for each in coarse.unknown_by] == ([told[3]] if told[3] else [])


async def test_the_list_opens_in_a_spreadsheet_and_calculates_nothing(chain: Chain) -> None:
    store_id = await chain.add_store(name="=1+1")
    seen, silent = await consenting(chain, "profiling", store_id=str(store_id)), await consenting(chain, "push")
    for member in (seen, silent):
        await come(chain, member, store_id)
    saved = await save(chain, {"type": "joined", "at_most_days": 1})
    answer = await chain.owner.get(f"/v1/audiences/{saved['id']}/members.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = {row["member_id"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    assert rows[str(seen.id)]["home_store"] == "'=1+1"
    assert (rows[str(seen.id)]["visits"], rows[str(silent.id)]["visits"]) == ("1", "")
    trail = ok(await chain.owner.get("/v1/audit"))["items"]
    assert trail[0]["action"] == "GET /v1/audiences/{audience_id}/members.csv"


@pytest.mark.parametrize(
    ("tree", "at"),
    [
        ({"type": "attribute", "key": "shoe_size", "at_least": 25}, "tree.key"),
        ({"type": "and", "of": [POINTS, {"type": "attribute", "key": "gender", "is_yes": True}]}, "tree.of[1].is_yes"),
        ({"type": "not", "of": {"type": "audience", "audience_id": str(new_id())}}, "tree.of"),
        ({"type": "or", "of": [{"type": "and", "of": [POINTS] * 100}] * 100}, "tree.of[1].of[97]"),
    ],
)
async def test_what_cannot_be_judged_is_refused_with_its_place(chain: Chain, tree: Json, at: str) -> None:
    for path, body in (("/v1/audiences", {"name": "X", "tree": tree}), ("/v1/audiences/count", {"tree": tree})):
        assert refused(await chain.owner.post(path, body)) == (422, "invalid-audience", at)
    assert ok(await chain.owner.get("/v1/audiences"))["items"] == []


async def test_what_is_none_of_the_programs_is_refused_with_its_place(chain: Chain, rival: Chain) -> None:
    """It would be nobody's for ever, and nobody would be told."""
    store, campaign = str(await rival.add_store()), str(await rival.add_campaign())
    own = str(await chain.add_store())
    for leaf, at in (
        ({"type": "visits", "at_least": 1, "store_ids": [own, store]}, "store_ids[1]"),
        ({"type": "purchases", "measure": "count", "at_least": 1, "store_ids": [store]}, "store_ids[0]"),
        ({"type": "home_store", "is_one_of": [own, store]}, "is_one_of[1]"),
        ({"type": "area", "store_id": store, "radius_m": 100}, "store_id"),
        ({"type": "coupon", "state": "used", "campaign_id": campaign}, "campaign_id"),
        ({"type": "rank", "is_one_of": ["gold"]}, "is_one_of[0]"),
        ({"type": "stamps", "card": "lunch", "at_least": 1}, "card"),
    ):
        answer = await chain.owner.post("/v1/audiences/count", {"tree": {"type": "not", "of": leaf}})
        assert refused(answer) == (422, "invalid-audience", f"tree.of.{at}")
    assert (await chain.owner.delete(f"/v1/stores/{own}")).is_success
    past = {"type": "visits", "at_least": 1, "store_ids": [own]}
    assert (await chain.owner.post("/v1/audiences/count", {"tree": past})).is_success, "members have been there"


async def test_a_wrong_type_is_refused_with_its_place(chain: Chain) -> None:
    tree = {"type": "and", "of": [POINTS, {"type": "points", "at_least": "many"}]}
    answer = await chain.owner.post("/v1/audiences/count", {"tree": tree})
    assert answer.status_code == 400
    assert "of[1].at_least" in answer.json()["detail"]


async def test_audiences_that_refer_to_each_other_come_to_no_tower(chain: Chain) -> None:
    """Few of them would stand for any number of conditions, or for any depth; both are judged while a phone waits."""
    wide = await save(chain, {"type": "and", "of": [POINTS] * 199})
    wide = await save(chain, {"type": "and", "of": [{"type": "audience", "audience_id": wide["id"]}] * 9})
    twice = {"type": "and", "of": [{"type": "audience", "audience_id": wide["id"]}] * 2}
    assert refused(await chain.owner.post("/v1/audiences/count", {"tree": twice})) == (422, "invalid-audience", "tree")
    answer = await chain.owner.post("/v1/audiences", {"name": "Tower", "tree": POINTS})
    for _ in range(10):
        tree: Json = {"type": "audience", "audience_id": answer.json()["id"]}
        for _ in range(10):
            tree = {"type": "not", "of": tree}
        answer = await chain.owner.post("/v1/audiences", {"name": "Tower", "tree": tree})
    assert refused(answer) == (422, "invalid-audience", "tree")


async def test_audiences_stand_for_others_and_never_for_themselves(chain: Chain) -> None:
    first = await save(chain, POINTS)
    second = await save(chain, {"type": "not", "of": {"type": "audience", "audience_id": first["id"]}})
    assert second["tree"]["of"]["version"] == 1
    circle = {"type": "and", "of": [POINTS, {"type": "audience", "audience_id": second["id"]}]}
    answer = await chain.owner.put(f"/v1/audiences/{first['id']}", {"name": "X", "tree": circle, "version": 1})
    assert refused(answer) == (422, "invalid-audience", "tree.of[1]")
    await chain.enrol()
    counted = ok(await chain.owner.post("/v1/audiences/count", {"audience_id": second["id"]}))
    assert (counted["members"], counted["matching"]) == (1, 1)
    assert refused(await chain.owner.delete(f"/v1/audiences/{first['id']}"))[1] == "audience-in-use"


async def test_a_campaign_keeps_the_version_that_it_was_written_with(chain: Chain, rival: Chain) -> None:
    saved, foreign = await save(chain, POINTS), await save(rival, POINTS)
    campaign_id = await chain.add_campaign(audience_id=saved["id"])
    path = f"/v1/audiences/{saved['id']}"
    ok(await chain.owner.put(path, {"name": "Other", "tree": BOUGHT, "version": 1}))
    campaign = ok(await chain.owner.get(f"/v1/campaigns/{campaign_id}"))
    assert (campaign["audience_id"], campaign["audience_version"]) == (saved["id"], 1)
    assert refused(await chain.owner.delete(path))[1] == "audience-in-use"
    body = {key: campaign[key] for key in ("name", "trigger", "starts_at", "offer")}
    for wrong in ({"audience_id": foreign["id"]}, {"audience_id": saved["id"], "audience_version": 9}):
        assert refused(await chain.owner.post("/v1/campaigns", body | wrong))[1] == "audience-unknown"
    ok(await chain.owner.put(f"/v1/campaigns/{campaign_id}", body | {"state": "ended"}))
    ok(await chain.owner.delete(path))


async def test_a_scan_earns_only_for_whom_the_campaign_is_for(chain: Chain) -> None:
    """As each member stood before the visit."""
    store_id = await chain.add_store()
    first_timers = await save(chain, {"type": "visits", "at_most": 0})
    on_android = await save(chain, {"type": "platform", "is_one_of": ["android"]})
    new = await chain.add_campaign(trigger={"kind": "visit"}, audience_id=first_timers["id"])
    android = await chain.add_campaign(trigger={"kind": "visit"}, audience_id=on_android["id"])
    known, silent = await consenting(chain, "profiling"), await consenting(chain, "push", platform="android")
    assert (await come(chain, known, store_id))["coupons_issued"] == 1
    assert (await come(chain, silent, store_id))["coupons_issued"] == 1
    scans = ok(await chain.owner.get(f"/v1/stores/{store_id}/scans"))["items"]
    decided = {UUID(scan["member_id"]): scan["decisions"] for scan in scans}
    assert decided[known.id] == {str(new): "issued", str(android): "not_in_audience"}
    assert decided[silent.id] == {str(new): "audience_unknown", str(android): "issued"}
    report = ok(await chain.owner.get(f"/v1/campaigns/{new}/report"))
    assert report["decisions"] == {"issued": 1, "audience_unknown": 1}


async def test_an_attribute_stays_while_a_campaign_asks_for_it(chain: Chain) -> None:
    ok(await chain.owner.post("/v1/attributes", SHOE_SIZE | {"is_profiling": True}))
    saved = await save(chain, {"type": "attribute", "key": "shoe_size", "at_least": 27})
    wrapped = await save(chain, {"type": "not", "of": {"type": "audience", "audience_id": saved["id"]}})
    campaign_id = await chain.add_campaign(audience_id=wrapped["id"])
    member = await consenting(chain, "profiling")
    ok(await member.app.patch("/v1/me/profile", {"attributes": {"shoe_size": 26}}))
    counted = ok(await chain.owner.post("/v1/audiences/count", {"audience_id": wrapped["id"]}))
    assert (counted["matching"], counted["unknown"]) == (1, 0)
    assert refused(await chain.owner.delete("/v1/attributes/shoe_size"))[1] == "attribute-in-use"
    campaign = ok(await chain.owner.get(f"/v1/campaigns/{campaign_id}"))
    body = {key: campaign[key] for key in ("name", "trigger", "starts_at", "offer", "audience_id")}
    ok(await chain.owner.put(f"/v1/campaigns/{campaign_id}", body | {"state": "ended"}))
    ok(await chain.owner.delete("/v1/attributes/shoe_size"))
    # It is unknown of everybody now, and no campaign starts with it.
    counted = ok(await chain.owner.post("/v1/audiences/count", {"audience_id": wrapped["id"]}))
    assert (counted["matching"], counted["unknown"]) == (0, 1)
    started = await chain.owner.post("/v1/campaigns", body | {"state": "running"})
    assert refused(started) == (422, "invalid-audience", "tree.of.key")
