"""Tags that the staff put on members."""

from tests.support.world import Chain


async def tagged(chain: Chain, member_id: object) -> list[str]:
    tags: list[str] = (await chain.owner.get(f"/v1/members/{member_id}/tags")).json()["tags"]
    return tags


async def test_members_are_tagged_one_and_many(chain: Chain) -> None:
    one, other = await chain.enrol(), await chain.enrol()
    set_ = await chain.owner.put(f"/v1/members/{one.id}/tags", {"tags": [" ﾓﾆﾀｰ　2026 ", "モニター 2026", "press"]})
    assert set_.json() == {"tags": ["press", "モニター 2026"]}
    both = {"member_ids": [str(one.id), str(other.id)]}
    assert (await chain.owner.post("/v1/member-tags", both | {"add": ["press"]})).json() == {"changed": 1}
    assert (await chain.owner.get("/v1/member-tags")).json()["items"] == [
        {"tag": "press", "members": 2},
        {"tag": "モニター 2026", "members": 1},
    ]
    assert (await chain.owner.post("/v1/member-tags", both | {"remove": ["press"]})).json() == {"changed": 2}
    assert (await tagged(chain, one.id), await tagged(chain, other.id)) == (["モニター 2026"], [])


async def test_what_cannot_be_tagged_refuses_the_whole(chain: Chain) -> None:
    one = await chain.enrol()
    stranger = await (await chain.world.add_chain()).enrol()
    asked = {"member_ids": [str(one.id), str(stranger.id)], "add": ["press"]}
    assert (await chain.owner.post("/v1/member-tags", asked)).status_code == 404
    assert await tagged(chain, one.id) == []
    await chain.owner.put(f"/v1/members/{one.id}/tags", {"tags": [str(n) for n in range(50)]})
    full = await chain.owner.post("/v1/member-tags", {"member_ids": [str(one.id)], "add": ["press"]})
    assert (full.json()["type"], full.json()["member_ids"]) == ("urn:noren:problem:too-many-tags", [str(one.id)])
    assert len(await tagged(chain, one.id)) == 50
    for wrong in ({"tags": ["\u200e"]}, {"tags": ["x" * 41]}):
        assert (await chain.owner.put(f"/v1/members/{one.id}/tags", wrong)).status_code == 400
    for nothing in ({}, {"add": ["a"], "remove": ["a"]}):
        assert (await chain.owner.post("/v1/member-tags", {"member_ids": [str(one.id)], **nothing})).status_code == 400
