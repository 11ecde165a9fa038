"""A device transfer that the staff approve at the desk: the week to object stays, and the member is told."""

from channels.delivery_worker import deliver_once
from kit.ids import new_id
from tests.support.expectations import expect_problem
from tests.support.faces import ServedFaces
from tests.support.inbox import Inbox
from tests.support.signed_in import SignedIn, sign_in_as
from tests.support.stage import Stage, set_stage
from tests.support.transferring import KEYRING, balance_of, let_days_pass, made, mail_of, reassign
from tests.support.world import Json

PROVED = {"verified_by": "identity_document", "sure": "yes"}


async def approve(owner: SignedIn, stage: Stage, opened: Json, /, **typed: str) -> int:
    page = f"/console/members/{stage.member.id}/account"
    answer = await owner.fill(f"{page}/approve", at=page, **{"transfer": opened["id"], **PROVED, **typed})
    return answer.status_code


async def read_mails(stage: Stage) -> list[str]:
    inbox = Inbox()
    while await deliver_once(stage.chain.world.pool, KEYRING, inbox.channels):
        pass
    return [message.body for message in inbox.messages if message.recipient == mail_of(stage)]


async def test_what_the_staff_approve_still_waits_for_the_week(faces: ServedFaces) -> None:
    stage, rival = await set_stage(await faces.world.add_chain()), await faces.world.add_chain()
    owner, stranger = await sign_in_as(faces, stage.chain), await sign_in_as(faces, rival)
    asking, transfer = await reassign(stage)
    points = await balance_of(stage.member)
    complete = f"/v1/me/transfers/{transfer['id']}/complete"
    expect_problem(await asking.app.post(complete), 409, "proof-required")
    for typed in ({"verified_by": ""}, {"verified_by": "trust me"}, {"sure": ""}, {"transfer": "x"}):
        assert await approve(owner, stage, transfer, **typed) == 422, typed
    assert await approve(owner, stage, {"id": str(new_id())}) == 404
    form = await stranger.read_form("/console/coupons") | {"key": "k" * 43, "transfer": transfer["id"], **PROVED}
    foreign = await stranger.send(f"/console/members/{stage.member.id}/account/approve", form)
    assert foreign.status_code == 404
    await read_mails(stage)
    assert await approve(owner, stage, transfer) == 303
    (told,) = await read_mails(stage)
    assert "スタッフ" in told
    page = await owner.open(f"/console/members/{stage.member.id}/account")
    assert "The staff confirmed on" in page.text
    assert "account/approve" not in page.text, "there is nothing left to approve"
    (entry, *_) = made(await stage.chain.owner.get("/v1/audit"))["items"]
    assert entry["action"] == "POST /console/members/{member_id}/account/approve"
    assert entry["target"].endswith("/approve, verified by identity_document")
    expect_problem(await asking.app.post(complete), 409, "transfer-waiting")
    await let_days_pass(stage.chain, 7.1)
    done = made(await asking.app.post(complete))
    assert done["member_id"] == str(stage.member.id)
    phone = stage.chain.world.caller(done["device_token"])
    assert made(await phone.get("/v1/me/points"))["balance"] == points


async def test_the_member_objects_to_what_the_staff_approved(faces: ServedFaces) -> None:
    stage = await set_stage(await faces.world.add_chain())
    owner = await sign_in_as(faces, stage.chain)
    asking, transfer = await reassign(stage)
    page = f"/console/members/{stage.member.id}/account"
    late = await owner.read_form(page) | {"transfer": transfer["id"], **PROVED}
    assert await approve(owner, stage, transfer) == 303
    made(await stage.member.app.post(f"/v1/me/transfers/{transfer['id']}/object"))
    await let_days_pass(stage.chain, 8)
    expect_problem(await asking.app.post(f"/v1/me/transfers/{transfer['id']}/complete"), 409, "transfer-over")
    assert (await owner.send(f"{page}/approve", late | {"key": "l" * 43})).status_code == 422, "it is over"
