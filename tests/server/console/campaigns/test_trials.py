"""What is tried from a campaign's page: a rehearsal, a test to oneself, holdouts and variants, a broadcast."""

from tests.support.faces import ServedFaces
from tests.support.forms import fill_in, read_form
from tests.support.signed_in import sign_in_as
from tests.support.world import DOOR, fix

LIST = "/console/campaigns"


async def test_a_rehearsal_tells_what_would_have_come_and_writes_nothing(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    store = await chain.add_store(name="Shibuya")
    await chain.add_geofence(store)
    member = await chain.enrol()
    await member.app.post("/v1/locations", {"fixes": [fix(DOOR, ago_s=30)]})
    draft = await chain.add_campaign(state="draft", benefit={"kind": "amount_off", "amount": 100})
    who = await sign_in_as(faces, chain)
    fields = read_form((await who.get(f"{LIST}/{draft}")).text, "/rehearsal")
    told = await who.post(f"{LIST}/{draft}/rehearsal", fill_in(fields, days="7"))
    assert told.status_code == 200
    assert "Had it run for the last 7 days" in told.text
    assert 'data-name="Shibuya" data-count="1"' in told.text
    assert "data-counts-map" in told.text
    assert await faces.world.count("coupons", chain.id) == 0
    silent = await chain.add_campaign(state="draft", trigger={"kind": "code"})
    refused = await who.post(f"{LIST}/{silent}/rehearsal", fields)
    assert refused.status_code == 422
    assert "Nothing is kept to rehearse this with" in refused.text
    manager = await sign_in_as(faces, chain, "store_manager", store)
    joined = await chain.add_campaign(state="draft", trigger={"kind": "joined"})
    fields = read_form((await manager.get(f"{LIST}/{joined}")).text, "/rehearsal")
    assert "ask an owner" in (await manager.post(f"{LIST}/{joined}/rehearsal", fields)).text


async def test_a_holdout_and_variants_are_set_changed_and_ended(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    campaign = await chain.add_campaign(state="draft")
    who, path = await sign_in_as(faces, chain), f"{LIST}/{campaign}"
    fields = read_form((await who.get(path)).text, "/experiment")
    wrong = await who.post(f"{path}/experiment", fill_in(fields, holdout="95"))
    assert wrong.status_code == 422
    assert "Write 0 to 90 per cent" in wrong.text
    variants = {"variant_0_code": "ten", "variant_0_share": "1", "variant_0_percent": "10"}
    variants |= {"variant_1_code": "words", "variant_1_share": "1", "variant_1_ja_title": "a", "variant_1_ja_body": "b"}
    variants |= {"variant_1_en_title": "c", "variant_1_en_body": "d"}
    saved = await who.post(f"{path}/experiment", fill_in(fields, holdout="10", **variants))
    assert saved.status_code == 303, saved.text
    tried = (await chain.owner.get(f"/v1/campaigns/{campaign}/experiment")).json()
    assert (tried["holdout_percent"], [each["code"] for each in tried["variants"]]) == (10, ["ten", "words"])
    assert tried["variants"][0]["benefit"]["percent"] == 10
    assert {tag: text["title"] for tag, text in tried["variants"][1]["offer"].items()} == {"ja": "a", "en": "c"}
    page = (await who.get(path)).text
    assert "10 % of the members get nothing" in page
    again = await who.post(f"{path}/experiment", fill_in(read_form(page, "/experiment"), holdout="20"))
    assert again.status_code == 303
    after = (await chain.owner.get(f"/v1/campaigns/{campaign}/experiment")).json()
    assert after["variants"] == tried["variants"]
    wrong = await who.post(f"{path}/experiment", fill_in(fields, holdout="x", variant_0_code="typed"))
    assert 'value="typed"' in wrong.text
    assert 'id="holdout-fault"' in wrong.text
    await who.post(f"{path}/experiment/end", fields[:1])
    assert "The comparison is over" in (await who.get(path)).text


async def test_a_broadcast_is_sent_and_stopped_and_a_test_says_why_it_cannot(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    campaign = await chain.add_campaign(trigger={"kind": "broadcast"})
    who, path = await sign_in_as(faces, chain), f"{LIST}/{campaign}"
    fields = read_form((await who.get(path)).text, "/runs")
    assert (await who.post(f"{path}/runs", fields)).status_code == 303
    (run,) = (await chain.owner.get(f"/v1/campaigns/{campaign}/runs")).json()["items"]
    stopped = await who.post(f"{path}/runs/{run['id']}/stop", fields)
    assert stopped.status_code in (303, 422)
    test = await who.post(f"{path}/test-message", fill_in(fields, channel="push", language="ja"))
    assert test.status_code == 422
    assert "Join as a member" in test.text
