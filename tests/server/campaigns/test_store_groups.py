"""A campaign for groups of stores: a store that joins one counts from then on, and one that leaves it no more."""

from ids import StoreId
from tests.support.expectations import expect_problem
from tests.support.samples import store_body
from tests.support.stage import walk_in
from tests.support.world import Chain, Json, campaign_body


async def change(chain: Chain, store_id: StoreId, **changes: object) -> None:
    path = f"/v1/stores/{store_id}"
    fields = ("name", "time_zone", "location", "store_groups")
    store = (await chain.owner.get(path)).json()
    changed = await chain.owner.put(path, {name: store[name] for name in fields} | changes)
    assert changed.status_code == 200, changed.text


async def groups_of(chain: Chain, store_id: StoreId) -> list[str]:
    groups: list[str] = (await chain.owner.get(f"/v1/stores/{store_id}")).json()["store_groups"]
    return groups


async def test_a_store_that_joins_a_group_counts_from_then_on_until_it_leaves(chain: Chain) -> None:
    door, other = await chain.add_store(), await chain.add_store()
    await chain.add_geofence(door)
    await change(chain, other, store_groups=["\uff2banto ", "駅", "駅"])
    assert await groups_of(chain, other) == ["Kanto", "駅"]
    made = await chain.owner.post("/v1/campaigns", campaign_body(store_groups=["Kanto"]))
    campaign: Json = made.json()
    assert (made.status_code, campaign["store_groups"], campaign["store_ids"]) == (201, ["Kanto"], None)
    assert await walk_in(await chain.enrol()) == []
    await change(chain, door, store_groups=["Kanto"])
    guest = await chain.enrol()
    assert len(await walk_in(guest)) == 1
    (coupon,) = (await guest.app.get("/v1/me/coupons")).json()["items"]
    till = await chain.add_till(door)
    assert (await till.at.post("/v1/redemptions", {"coupon": coupon["code"]})).status_code == 201
    await change(chain, door, store_groups=["駅"])
    assert await walk_in(await chain.enrol()) == []
    # Named as well, it is the campaign's whatever its groups are.
    path = f"/v1/campaigns/{campaign['id']}"
    named = (await chain.owner.patch(path, {"store_ids": [str(door)]})).json()
    assert (named["store_ids"], named["store_groups"], named["version"]) == ([str(door)], ["Kanto"], 2)
    assert len(await walk_in(await chain.enrol())) == 1
    everywhere = (await chain.owner.patch(path, {"store_ids": None, "store_groups": []})).json()
    assert (everywhere["store_ids"], everywhere["store_groups"]) == (None, [])


async def test_a_whole_chain_joins_by_its_file_and_gets_it_back(chain: Chain) -> None:
    door = await chain.add_store()
    await chain.add_geofence(door)
    await change(chain, door, store_groups=["Kanto"])
    code = (await chain.owner.get(f"/v1/stores/{door}")).json()["code"]
    table = f"店舗コード,地区\n{code},Kansai|駅\n"
    path, csv = "/v1/geofences/import", {"Content-Type": "text/csv"}
    taken = await chain.owner.call("POST", path, content=table.encode(), headers=csv)
    assert taken.status_code == 200, taken.text
    assert await groups_of(chain, door) == ["Kansai", "駅"]
    await chain.add_campaign(store_groups=["Kansai"])
    assert len(await walk_in(await chain.enrol())) == 1
    exported = await chain.owner.get("/v1/geofences/export?format=csv")
    assert "Kansai|駅" in exported.text
    left = await chain.owner.call("POST", path, content=table.replace("Kansai|", "").encode(), headers=csv)
    assert left.json()["stores_changed"] == 1
    assert await walk_in(await chain.enrol()) == []


async def test_only_an_owner_names_groups_and_only_such_as_there_are(chain: Chain) -> None:
    store_id = await chain.add_store()
    refused = await chain.owner.post("/v1/campaigns", campaign_body(store_groups=["Kanot"]))
    expect_problem(refused, 400, "invalid-request")
    assert "store_groups" in refused.json()["detail"]
    await change(chain, store_id, store_groups=["Kanto"])
    manager = await chain.add_person("store_manager", store_id)
    body = campaign_body(store_groups=["Kanto"], store_ids=[str(store_id)])
    expect_problem(await manager.session.post("/v1/campaigns", body), 403, "forbidden")
    campaign_id = await chain.add_campaign(store_groups=["Kanto"])
    expect_problem(await manager.session.patch(f"/v1/campaigns/{campaign_id}", {"name": "Mine"}), 403, "forbidden")
    assert (await manager.session.get(f"/v1/campaigns/{campaign_id}")).status_code == 200
    for groups in (["a|b"], [" "], ["x" * 41], [str(n) for n in range(21)]):
        body = store_body(store_groups=groups)
        expect_problem(await chain.owner.post("/v1/stores", body), 400, "invalid-request")
