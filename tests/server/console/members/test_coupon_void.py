"""The staff void one coupon on its page, with a reason, and give it back."""

from tests.server.campaigns.test_campaigns_api import door
from tests.server.console.members.test_members import add_member
from tests.support.faces import ServedFaces
from tests.support.lives import ok
from tests.support.signed_in import sign_in_as
from tests.support.stage import set_stage, walk_in

SOLD = "オークションに出品 <script>alert(1)</script>"
TYPED = {"reason": SOLD, "sure": "yes"}


async def test_with_a_reason_once_and_back(faces: ServedFaces) -> None:
    stage = await set_stage(await faces.world.add_chain())
    owner = await sign_in_as(faces, stage.chain, "owner")
    page = f"/console/members/{stage.member.id}/coupons/{stage.coupon_id}"
    bad: list[dict[str, str]] = [{}, {"reason": SOLD}, {"sure": "yes", "reason": "  "}, TYPED | {"reason": "x" * 501}]
    for typed in bad:
        refused = await owner.fill(f"{page}/void", at=page, **typed)
        assert (refused.status_code, "at most 500" in refused.text) == (422, True), typed
    assert "&lt;script&gt;" in (await owner.fill(f"{page}/void", at=page, reason=SOLD)).text  # what was typed is kept

    form = await owner.read_form(page) | TYPED
    for _ in range(2):
        assert (await owner.send(f"{page}/void", form)).headers["location"] == f"{page}?done=void"
    shown = await owner.open(f"{page}?done=void")
    for said in ("The coupon is voided", "&lt;script&gt;", "Voided", "Give it back"):
        assert said in shown.text, said
    assert "<script>alert" not in shown.text
    assert "Voided" in (await owner.open(f"/console/members/{stage.member.id}/coupons")).text
    assert "無効" in (await owner.open(page, "ja")).text
    stale = await owner.send(f"{page}/void", form | {"key": "k" * 43})
    assert (stale.status_code, "changed meanwhile" in stale.text) == (422, True)

    (mine,) = ok(await stage.member.app.get("/v1/me/coupons"))["items"]
    assert (mine["voided_at"] is not None, mine["uses_left"], mine["redeemed_at"]) == (True, 0, None)
    assert SOLD not in (await stage.member.app.get("/v1/me/coupons")).text
    assert ok(await stage.chain.owner.get(f"/v1/campaigns/{stage.campaign_id}/report"))["coupons_voided"] == 1
    audit = ok(await stage.chain.owner.get("/v1/audit"))["items"]
    path = f"/v1/members/{stage.member.id}/coupons/{stage.coupon_id}/void"
    assert [each["target"] for each in audit if each["action"].endswith("/void")] == [path]

    assert (await owner.fill(f"{page}/lift", at=page)).headers["location"] == f"{page}?done=lift"
    again = await owner.fill(f"{page}/lift", at=page)  # by another colleague, who had the page open
    assert (again.status_code, "changed meanwhile" in again.text) == (422, True)
    assert "Given back" in (await owner.open(page)).text
    (mine,) = ok(await stage.member.app.get("/v1/me/coupons"))["items"]
    assert (mine["voided_at"], mine["uses_left"]) == (None, 1)


async def test_a_manager_finds_a_coupon_of_their_store_by_its_code_and_learns_no_name(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    store, other = await door(chain), await chain.add_store()
    own = await chain.add_campaign(store_ids=[str(store)])
    member = await add_member(chain, "佐藤 花子")
    await walk_in(member)
    (coupon,) = ok(await member.app.get("/v1/me/coupons"))["items"]
    assert coupon["campaign_id"] == str(own)
    page = f"/console/members/{member.id}/coupons/{coupon['id']}"
    manager = await sign_in_as(faces, chain, "store_manager", store)
    elsewhere = await sign_in_as(faces, chain, "store_manager", other)
    assert (await manager.fill("/console/coupons", code=coupon["code"])).headers["location"] == page
    shown = await manager.open(page)
    assert (shown.status_code, "佐藤" in shown.text, "Void it" in shown.text) == (200, False, True)
    refused = await elsewhere.fill("/console/coupons", code=coupon["code"])
    assert (refused.status_code, "for other stores" in refused.text) == (422, True)
    form = await elsewhere.read_form("/console/coupons") | TYPED | {"key": "k" * 43}
    for path in (page, f"{page}/void", f"{page}/lift"):
        answer = await (elsewhere.open(path) if path == page else elsewhere.send(path, form))
        assert answer.status_code == 404, path
    for someone in (await sign_in_as(faces, chain, "marketer"), await sign_in_as(faces, chain, "analyst")):
        assert (await someone.open(page)).status_code == (await someone.open("/console/coupons")).status_code == 403
    assert (await manager.fill(f"{page}/void", at=page, **TYPED)).status_code == 303
    assert (await manager.fill(f"{page}/lift", at=page)).status_code == 303

    await chain.add_campaign()  # for every store
    guest = await chain.enrol()
    await walk_in(guest)
    coupons = ok(await guest.app.get("/v1/me/coupons"))["items"]
    (for_all,) = [each["id"] for each in coupons if each["campaign_id"] != str(own)]
    page = f"/console/members/{guest.id}/coupons/{for_all}"
    assert "ask an owner" in (await manager.open(page)).text
    form = await manager.read_form("/console/coupons") | TYPED | {"key": "m" * 43}
    refused = await manager.send(f"{page}/void", form)
    assert (refused.status_code, "ask an owner" in refused.text) == (422, True)
