"""Who confirms a number that leads to a card gets nothing of it before it is proved that it is theirs."""

import asyncio
import io
import re
import zipfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from channels.delivery_worker import deliver_once
from ids import DeviceId
from kit.clock import utc_now
from members.transfers import MAX_ANSWERS
from tests.support.expectations import expect_problem
from tests.support.inbox import Inbox
from tests.support.lent_worlds import lend_world
from tests.support.proving import let_a_minute_pass
from tests.support.stage import Stage, set_stage, walk_in
from tests.support.transferring import (
    KEYRING,
    NUMBER,
    balance_of,
    card_code,
    confirm_contact,
    contacts_of,
    last_visit,
    let_days_pass,
    made,
    mail_of,
    prove,
    reassign,
    send_code,
)
from tests.support.world import Json, Member


@pytest_asyncio.fixture
async def stage(database: str) -> AsyncIterator[Stage]:
    """In a process of its own: these tests ask for more codes than one address may."""
    async with lend_world(database) as world:
        yield await set_stage(await world.add_chain())


def moved(stage: Stage, answer: Json) -> Member:
    """The phone that has become the stage's member's."""
    assert answer["member_id"] == str(stage.member.id)
    app = stage.chain.world.caller(answer["device_token"])
    return replace(stage.member, app=app, device_id=DeviceId(UUID(answer["device_id"])))


def unzip(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


async def read_notices(stage: Stage) -> list[str]:
    """The codes in the messages to the owner that wait."""
    inbox = Inbox()
    while await deliver_once(stage.chain.world.pool, KEYRING, inbox.channels):
        pass
    told = [message.body for message in inbox.messages if message.recipient == mail_of(stage)]
    return [str(re.findall(r"\b(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}\b", body)[0]) for body in told]


async def test_the_new_holder_of_a_number_sees_and_gets_nothing(stage: Stage) -> None:
    before = await balance_of(stage.member)
    stranger, transfer = await reassign(stage)
    assert set(transfer["ways"]) == {"email", "card_code", "last_visit"}
    assert await balance_of(stranger) == 0
    assert [made(await stranger.app.get(f"/v1/me/{name}"))["items"] for name in ("visits", "coupons")] == [[], []]
    assert await contacts_of(stranger) == (None, None)
    exported = unzip((await stranger.app.post("/v1/me/export", {})).content)
    assert mail_of(stage).encode() not in exported
    assert str(stage.member.id).encode() not in exported
    assert await balance_of(stage.member) == before  # whose phone goes on
    assert await contacts_of(stage.member) == (NUMBER, mail_of(stage))


async def test_not_my_card_frees_the_number_for_a_fresh_member(stage: Stage) -> None:
    before = await balance_of(stage.member)
    stranger, transfer = await reassign(stage)
    made(await stranger.app.post(f"/v1/me/transfers/{transfer['id']}/decline"))
    assert await contacts_of(stranger) == (NUMBER, None)
    assert await contacts_of(stage.member) == (None, mail_of(stage))
    assert (await balance_of(stranger), await balance_of(stage.member)) == (0, before)
    again = await stranger.app.post(f"/v1/me/transfers/{transfer['id']}/decline")
    expect_problem(again, 409, "transfer-over")


@pytest.mark.parametrize("way", ["email", "card_code"])
async def test_who_proves_it_gets_the_card_at_once(stage: Stage, way: str) -> None:
    before = await balance_of(stage.member)
    asking, transfer = await reassign(stage)
    proof = await send_code(stage, asking, transfer) if way == "email" else await card_code(stage, stage.member)
    answer = made(await prove(asking, transfer, proof, key="k"))
    member = moved(stage, answer)
    assert answer["transfer"] is None
    assert (await balance_of(member), await contacts_of(member)) == (before, (NUMBER, mail_of(stage)))
    assert (await stage.member.app.get("/v1/me")).status_code == 401
    assert made(await prove(asking, transfer, proof, key="k")) == answer  # an answer that got lost


async def test_a_proof_of_somebody_elses_card_is_none(stage: Stage) -> None:
    other = await stage.chain.enrol()
    stranger, transfer = await reassign(stage)
    await stage.member.take_card()
    expect_problem(await prove(stranger, transfer, await card_code(stage, other)), 422, "card-code-refused")
    expect_problem(await prove(stranger, transfer, await card_code(stage, stranger)), 422, "card-code-refused")
    expect_problem(await prove(stranger, transfer, {}), 409, "proof-required")
    to_the_number = await stranger.app.post(f"/v1/me/transfers/{transfer['id']}/codes", {"kind": "phone"})
    expect_problem(to_the_number, 409, "contact-not-found")
    proof = await send_code(stage, stranger, transfer)
    wrong = {**proof, "code": f"{(int(proof['code']) + 1) % 10**6:06d}"}
    expect_problem(await prove(stranger, transfer, wrong), 422, "incorrect-code")
    assert await contacts_of(stage.member) == (NUMBER, mail_of(stage))


async def test_a_code_for_another_purpose_proves_no_transfer(stage: Stage) -> None:
    stranger, transfer = await reassign(stage)
    proof = await send_code(stage, stranger, transfer)
    for path in ("/v1/me/export", "/v1/me/erasure"):
        expect_problem(await stage.member.app.post(path, proof), 404, "not-found")


async def test_the_last_visit_is_enough_after_a_week_without_an_objection(stage: Stage) -> None:
    before = await balance_of(stage.member)
    asking, transfer = await reassign(stage)
    path = f"/v1/me/transfers/{transfer['id']}/complete"
    expect_problem(await asking.app.post(path), 409, "proof-required")
    answered = made(await prove(asking, transfer, await last_visit(stage)))
    assert (answered["device_token"], answered["transfer"]["completes_at"] is None) == (None, False)
    waiting = await asking.app.post(path)
    expect_problem(waiting, 409, "transfer-waiting")
    assert 6.9 * 86_400 < int(waiting.headers["Retry-After"]) <= 7 * 86_400
    assert await contacts_of(asking) == (None, None)
    await let_days_pass(stage.chain, 7)
    member = moved(stage, made(await asking.app.post(path)))
    assert await balance_of(member) == before


async def test_where_nothing_can_prove_it_the_week_stands_in(stage: Stage) -> None:
    """Who has one contact, came to no store and has no card on a phone has coupons and a location history still."""
    owner, asking = await stage.chain.enrol(), await stage.chain.enrol()
    earned = await walk_in(owner)
    await confirm_contact(stage, owner, "phone", NUMBER)
    confirmed = await confirm_contact(stage, asking, "phone", NUMBER)
    transfer = confirmed["transfer"]
    assert (confirmed["device_token"], transfer["ways"]) == (None, [])
    assert transfer["completes_at"] is not None
    path = f"/v1/me/transfers/{transfer['id']}/complete"
    expect_problem(await asking.app.post(path), 409, "transfer-waiting")
    (told,) = made(await owner.app.get("/v1/me/transfers"))["against"]
    assert (told["id"], await contacts_of(asking)) == (transfer["id"], (None, None))
    await let_days_pass(stage.chain, 7)
    moved_to = made(await asking.app.post(path))
    assert moved_to["member_id"] == str(owner.id)
    listed = await stage.chain.world.caller(moved_to["device_token"]).get("/v1/me/coupons")
    assert set(earned) <= {each["id"] for each in made(listed)["items"]}


async def test_the_week_alone_is_not_enough_for_who_has_been_at_a_store_since(stage: Stage) -> None:
    owner, asking = await stage.chain.enrol(), await stage.chain.enrol()
    await confirm_contact(stage, owner, "phone", NUMBER)
    transfer = (await confirm_contact(stage, asking, "phone", NUMBER))["transfer"]
    made(await stage.till.at.post("/v1/scans", {"card": (await card_code(stage, owner))["card_code"]}))
    await let_days_pass(stage.chain, 8)
    (seen,) = made(await asking.app.get("/v1/me/transfers"))["asked"]
    assert (set(seen["ways"]), seen["completes_at"]) == ({"card_code", "last_visit"}, None)
    path = f"/v1/me/transfers/{transfer['id']}"
    expect_problem(await asking.app.post(f"{path}/complete"), 409, "proof-required")
    made(await owner.app.post(f"{path}/object"))
    assert (await contacts_of(owner), await contacts_of(asking)) == ((None, None), (NUMBER, None))


async def test_answers_about_the_last_visit_are_counted_whoever_gives_them(stage: Stage) -> None:
    stranger, transfer = await reassign(stage)
    right = (await last_visit(stage))["last_visit"]
    day = date.fromisoformat(right["day"])
    elsewhere = str(await stage.chain.add_store())
    wrong = {"last_visit": right | {"store_id": elsewhere}}
    too_early = {"last_visit": right | {"day": (day - timedelta(days=8)).isoformat()}}
    for left, answer in ((4, wrong), (3, too_early)):
        assert expect_problem(await prove(stranger, transfer, answer), 422, "incorrect-answer")["tries_left"] == left
    second = await stage.chain.enrol()
    other = (await confirm_contact(stage, second, "phone", NUMBER))["transfer"]
    assert other["answers_left"] == 3
    answers = await asyncio.gather(*(prove(second, other, wrong) for _ in range(MAX_ANSWERS)))
    assert Counter(answer.status_code for answer in answers) == {422: 3, 429: 2}
    expect_problem(await prove(stranger, transfer, {"last_visit": right}), 429, "too-many-attempts")


async def test_the_owner_objects_on_their_phone(stage: Stage) -> None:
    before = await balance_of(stage.member)
    stranger, transfer = await reassign(stage)
    made(await prove(stranger, transfer, await last_visit(stage)))
    seen = made(await stage.member.app.get("/v1/me/transfers"))
    assert seen["asked"] == []
    assert [each["id"] for each in seen["against"]] == [transfer["id"]]
    assert str(stranger.id) not in str(seen)
    path = f"/v1/me/transfers/{transfer['id']}/object"
    expect_problem(await stranger.app.post(path), 404, "not-found")
    for _ in range(2):
        made(await stage.member.app.post(path))
    assert await contacts_of(stranger) == (NUMBER, None)
    assert (await balance_of(stage.member), await contacts_of(stage.member)) == (before, (None, mail_of(stage)))
    await let_days_pass(stage.chain, 8)
    expect_problem(await stranger.app.post(f"/v1/me/transfers/{transfer['id']}/complete"), 409, "transfer-over")


async def test_the_owner_is_told_once_and_objects_without_a_phone(stage: Stage) -> None:
    stranger, _ = await reassign(stage)
    (code,) = await read_notices(stage)
    assert (await confirm_contact(stage, stranger, "phone", NUMBER))["transfer"] is not None
    assert await read_notices(stage) == []
    anyone = stage.chain.world.anyone
    expect_problem(await anyone.post("/v1/objections", {"code": "A" * 16}), 404, "not-found")
    expect_problem(await anyone.post("/v1/objections", {"code": "what?"}), 400, "invalid-request")
    made(await anyone.post("/v1/objections", {"code": code.lower().replace("-", " ")}))
    assert await contacts_of(stranger) == (NUMBER, None)
    assert await contacts_of(stage.member) == (None, mail_of(stage))


async def test_a_transfer_ends_with_what_it_stands_on(stage: Stage) -> None:
    stranger, transfer = await reassign(stage)
    answer = await last_visit(stage)
    made(await stage.member.app.delete("/v1/me"))  # the owner leaves: the number is nobody's
    expect_problem(await prove(stranger, transfer, answer), 409, "transfer-over")
    assert (await confirm_contact(stage, stranger, "phone", NUMBER))["transfer"] is None
    assert await contacts_of(stranger) == (NUMBER, None)


async def test_a_transfer_is_open_for_thirty_days(stage: Stage) -> None:
    stranger, transfer = await reassign(stage)
    await let_days_pass(stage.chain, 31)
    expect_problem(await prove(stranger, transfer, await last_visit(stage)), 409, "transfer-over")
    assert made(await stranger.app.get("/v1/me/transfers")) == {"asked": [], "against": []}
    again = (await confirm_contact(stage, stranger, "phone", NUMBER))["transfer"]
    assert again["id"] != transfer["id"]


async def test_who_has_signed_out_and_was_seen_just_now_moves_without_a_question(stage: Stage) -> None:
    await confirm_contact(stage, stage.member, "phone", NUMBER)
    made(await stage.member.app.delete("/v1/me/device"))
    new = await stage.chain.enrol()
    assert (await confirm_contact(stage, new, "phone", NUMBER))["member_id"] == str(stage.member.id)


async def test_who_was_silent_for_long_is_asked(stage: Stage) -> None:
    await confirm_contact(stage, stage.member, "phone", NUMBER)
    made(await stage.member.app.delete("/v1/me/device"))
    long_ago = utc_now() - timedelta(days=46)
    pool, member_id = stage.chain.world.pool, stage.member.id
    await pool.execute("UPDATE devices SET created_at = $2, revoked_at = $2 WHERE member_id = $1", member_id, long_ago)
    await pool.execute("UPDATE members SET created_at = $2 WHERE member_id = $1", member_id, long_ago)
    await pool.execute("UPDATE visits SET first_at = $2 WHERE member_id = $1", member_id, long_ago)
    new = await stage.chain.enrol()
    confirmed = await confirm_contact(stage, new, "phone", NUMBER)
    assert confirmed["transfer"]["ways"] == ["last_visit"]


@pytest.mark.parametrize("what", ["codes", "complete", "decline", "object"])
async def test_a_repeated_request_is_answered_alike_and_has_one_effect(stage: Stage, what: str) -> None:
    asking, transfer = await reassign(stage)
    made(await prove(asking, transfer, await last_visit(stage)))
    await let_days_pass(stage.chain, 8)
    caller = stage.member.app if what == "object" else asking.app
    path, body = f"/v1/me/transfers/{transfer['id']}/{what}", {"kind": "email"} if what == "codes" else None
    await let_a_minute_pass(stage.chain)
    first = made(await caller.post(path, body, key="k"))
    before = await stage.chain.world.fingerprint()
    assert made(await caller.post(path, body, key="k")) == first
    assert await stage.chain.world.fingerprint() == before


async def test_everybody_decides_at_once_and_one_is_right(stage: Stage) -> None:
    """Proof, "not my card" and objection meet: the number leads to one member, and nothing is lost."""
    before = await balance_of(stage.member)
    asking, transfer = await reassign(stage)
    proof = await card_code(stage, stage.member)
    path = f"/v1/me/transfers/{transfer['id']}"
    answers = await asyncio.gather(
        prove(asking, transfer, proof),
        asking.app.post(f"{path}/decline"),
        stage.member.app.post(f"{path}/object"),
    )
    done = [answer for answer in answers if answer.status_code in {200, 204}]
    assert len(done) == 1, [answer.text for answer in answers]
    assert {answer.status_code for answer in answers} - {200, 204} <= {401, 404, 409}
    pool, people = stage.chain.world.pool, [asking.id, stage.member.id]
    held = await pool.fetch("SELECT member_id FROM handles WHERE kind = 'phone' AND member_id = ANY ($1)", people)
    assert len(held) == 1
    balances = "SELECT sum(balance) FROM point_accounts WHERE member_id = ANY ($1)"
    assert await pool.fetchval(balances, people) == before
    assert await pool.fetchval("SELECT state FROM transfers WHERE member_id = $1", asking.id) != "open"
