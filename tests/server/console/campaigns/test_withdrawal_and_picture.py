"""A campaign's unused coupons are withdrawn, and it gets a picture, on its page."""

import httpx

from tests.support.faces import ServedFaces
from tests.support.forms import fill_in, read_form
from tests.support.pictures import draw_file
from tests.support.signed_in import SignedIn, sign_in_as
from tests.support.world import DOOR, fix

LIST = "/console/campaigns"


async def test_unused_coupons_are_withdrawn_by_whoever_knows_how_many_they_are(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    store = await chain.add_store()
    await chain.add_geofence(store)
    campaign = await chain.add_campaign()
    who, path = await sign_in_as(faces, chain), f"{LIST}/{campaign}"
    assert "/withdrawal" not in (await who.get(path)).text, "where none is out, there is nothing to withdraw"
    for _ in range(2):
        member = await chain.enrol()
        await member.app.post("/v1/locations", {"fixes": [fix(DOOR, ago_s=30)]})
    page = (await who.get(path)).text
    assert "2 unused coupons can be used no more" in page
    fields = read_form(page, "/withdrawal")
    silent = await who.post(f"{path}/withdrawal", fields)
    assert silent.status_code == 422
    assert 'id="reason_ja-fault">Fill this in.' in silent.text
    few = await who.post(f"{path}/withdrawal", fill_in(fields, unused_coupons="1", reason_en="<b>Recall</b>"))
    assert few.status_code == 422
    assert "More are unused by now" in few.text
    assert "&lt;b&gt;Recall" in few.text, "what was typed stays"
    manager = await sign_in_as(faces, chain, "store_manager", store)
    assert "/withdrawal" not in (await manager.get(path)).text
    own = read_form((await manager.get(path)).text, "/rehearsal")
    refused = await manager.post(f"{path}/withdrawal", fill_in(own, unused_coupons="2", reason_ja="x"))
    assert refused.status_code == 422
    assert (await chain.owner.get(f"/v1/campaigns/{campaign}")).json()["withdrawn_at"] is None
    done = await who.post(f"{path}/withdrawal", fill_in(fields, reason_en="Recall"))
    assert done.status_code == 303, done.text
    told = (await chain.owner.get(f"/v1/campaigns/{campaign}")).json()
    assert (told["state"], told["withdrawal_reason"]) == ("ended", {"en": "Recall"})
    after = (await who.get(path)).text
    assert "2 unused coupons were withdrawn" in after
    assert "/withdrawal" not in after


async def send(who: SignedIn, path: str, csrf: str, content: bytes, kind: str) -> httpx.Response:
    request = httpx.Request("POST", "http://x/", data={"csrf": csrf}, files={"picture": ("a.png", content, kind)})
    own = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en", "Content-Type": request.headers["content-type"]}
    return await who.faces.call("POST", path, content=request.read(), headers=who.cookie | own)


async def test_a_picture_is_shown_changed_and_taken_away(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    await chain.add_store()
    campaign = await chain.add_campaign(state="draft")
    who, path = await sign_in_as(faces, chain), f"{LIST}/{campaign}"
    csrf = dict(read_form((await who.get(path)).text, "/picture"))["csrf"]
    for content, kind, said in (
        (b"", "image/png", "This file is broken"),
        (b"no picture", "image/png", "Choose a PNG, JPEG or WebP file"),
        (b"<svg/>", "image/svg+xml", "Choose a PNG, JPEG or WebP file"),
        (b"x" * 5_000_001, "image/png", "It is too large"),
    ):
        refused = await send(who, f"{path}/picture", csrf, content, kind)
        assert refused.status_code == 422, kind
        assert 'id="picture-fault"' in refused.text
        assert said in refused.text or content == b""
    sent = await send(who, f"{path}/picture", csrf, draw_file("PNG"), "image/png")
    assert sent.status_code == 303, sent.text
    name = (await chain.owner.get(f"/v1/campaigns/{campaign}")).json()["picture_url"].rpartition("/")[2]
    page = (await who.get(path)).text
    assert f'src="/v1/pictures/{name}"' in page
    edit = read_form((await who.get(f"{path}/edit")).text, "/edit")
    preview = (await who.post(f"{LIST}/draft/preview", edit)).text
    assert f'src="/v1/pictures/{name}"' in preview
    assert (await who.post(f"{path}/picture/removal", read_form(page, "/picture/removal"))).status_code == 303
    assert (await chain.owner.get(f"/v1/campaigns/{campaign}")).json()["picture_url"] is None
    rival = await sign_in_as(faces, await faces.world.add_chain())
    token = dict(read_form((await rival.get(f"{LIST}/new")).text, f"{LIST}/new"))["csrf"]
    stolen = await send(rival, f"{path}/picture", token, draw_file("PNG"), "image/png")
    assert stolen.status_code == 404
