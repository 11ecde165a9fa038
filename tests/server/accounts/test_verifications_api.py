"""Verifications over HTTP: a phone proves a contact and gets the card; the answer never tells whether it is known."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import get_args
from uuid import UUID

import msgspec
import pytest

from channels.messages import SmsMessage
from ids import DeviceId
from kit.clock import utc_now
from kit.database import Pool, open_pool
from kit.sealing import Keyring
from members.contact_faults import ContactFault
from server.accounts.unusable_contacts import SENTENCES
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.inbox import fetch_code, read_code
from tests.support.japanese_keyboard import wide
from tests.support.live import ended, start, wait_until_ready
from tests.support.proving import change_proof, let_a_minute_pass, let_means_stand
from tests.support.spoiling import forged
from tests.support.stage import set_stage
from tests.support.waiting import until
from tests.support.world import Chain, Json, Member, World, open_world

PHONE, E164 = "０９０ 1234-5678", "+819012345678"  # noqa: RUF001 - as people type it
KEYRING = Keyring(SECRET_KEY)


async def request_code(member: Member, value: str = PHONE, kind: str = "phone", **proof: str) -> Json:
    response = await member.app.post("/v1/me/verifications", {"kind": kind, "value": value} | proof)
    assert response.status_code == 201, response.text
    opened: Json = response.json()
    return opened


async def code_for(chain: Chain, recipient: str = E164) -> str:
    return await fetch_code(chain.world.pool, KEYRING, recipient)


async def confirm(member: Member, claim: Json, code: str, **request: str) -> Json:
    response = await member.app.post(f"/v1/me/verifications/{claim['id']}/confirm", {"code": code}, **request)
    assert response.status_code == 200, response.text
    confirmed: Json = response.json()
    return confirmed


async def verify_contact(
    chain: Chain, member: Member, value: str = PHONE, kind: str = "phone", sent_to: str = E164
) -> Json:
    opened = await request_code(member, value, kind, **await change_proof(chain, member))
    confirmed = await confirm(member, opened, await code_for(chain, sent_to))
    await let_means_stand(chain.world.pool, chain.id)
    return confirmed


_UNMOVED = {"device_token": None, "transfer": None, "is_number_needed": False}


async def test_a_member_verifies_a_number_and_sees_it(chain: Chain) -> None:
    member = await chain.enrol()
    me = (await member.app.get("/v1/me")).json()
    assert (me["phone"], me["email"]) == (None, None)
    confirmed = await verify_contact(chain, member)
    assert confirmed == {"member_id": str(member.id), "device_id": str(member.device_id)} | _UNMOVED
    await verify_contact(chain, member, "Hana@Example.com", "email", "hana@example.com")
    me = (await member.app.get("/v1/me")).json()
    assert (me["phone"], me["email"]) == (E164, "hana@example.com")
    (listed,) = (await chain.owner.get("/v1/members")).json()["items"]
    assert listed["verified_at"] is not None
    assert E164 not in (await chain.owner.get("/v1/members")).text


async def test_a_card_is_transferred_to_a_new_phone(chain: Chain) -> None:
    stage = await set_stage(chain)
    old, new = stage.member, await chain.enrol(platform="android", locale="en")
    shown = [await old.take_card(), await new.take_card()]
    await verify_contact(chain, old)
    await let_a_minute_pass(chain)
    opened = await request_code(new)
    transfer = (await confirm(new, opened, await code_for(chain)))["transfer"]
    proof = {"card_code": shown[0].make_code(utc_now())}
    confirmed = (await new.app.post(f"/v1/me/transfers/{transfer['id']}/prove", proof)).json()
    phone = chain.world.caller(confirmed["device_token"])
    assert confirmed["member_id"] == str(old.id)
    me = (await phone.get("/v1/me")).json()
    assert (me["member_id"], me["device_id"], me["locale"]) == (str(old.id), confirmed["device_id"], "en")
    for dead in (old.app, new.app):
        expect_problem(await dead.get("/v1/me"), 401, "unauthenticated")
        assert (await dead.post("/v1/locations", {"fixes": []})).status_code == 401
    assert (await phone.get("/v1/me/card")).json() == {"number": old.card_number, "key": None}
    scan = stage.till.at.post
    for dead_card in shown:
        refused = await scan("/v1/scans", {"card": dead_card.make_code(utc_now())})
        assert expect_problem(refused, 422, "card-code-refused")["reason"] == "revoked"
    taken = Member(phone, old.id, DeviceId(UUID(confirmed["device_id"])), old.card_number)
    code = (await taken.take_card()).make_code(utc_now())
    assert (await scan("/v1/scans", {"card": code})).status_code == 201
    assert len((await phone.get("/v1/me/visits")).json()["items"]) == 1
    (coupon,) = (await phone.get("/v1/me/coupons", usable="true")).json()["items"]
    assert (await scan("/v1/redemptions", {"coupon": coupon["code"]})).status_code == 201


async def test_the_lost_answer_of_a_transfer_can_be_requested_again_and_nothing_else(chain: Chain) -> None:
    old, new = await chain.enrol(), await chain.enrol()
    await verify_contact(chain, old)
    assert (await old.app.delete("/v1/me/device")).status_code == 204  # so that nobody else can be meant
    await let_a_minute_pass(chain)
    opened = await request_code(new)
    code = await code_for(chain)
    first = await confirm(new, opened, code, key="k")
    assert first["device_token"]
    assert await confirm(new, opened, code, key="k") == first
    path = f"/v1/me/verifications/{opened['id']}/confirm"
    expect_problem(await new.app.post(path, {"code": code}, key="other"), 410, "verification-expired")
    expect_problem(await new.app.post(path, {"code": "000000"}, key="k"), 422, "idempotency-key-reused")
    for dead in (old.app, chain.world.caller(forged(new.app.token or ""))):
        expect_problem(await dead.post(path, {"code": code}, key="k"), 401, "unauthenticated")
    for method, other in (("GET", "/v1/me"), ("POST", "/v1/me/verifications"), ("POST", "/v1/me/device/token")):
        expect_problem(await new.app.call(method, other), 401, "unauthenticated")
    # A phone that was signed out before has no part in it.
    await chain.world.pool.execute(
        "UPDATE devices SET revoked_at = revoked_at - interval '1 s' WHERE id = $1", new.device_id
    )
    expect_problem(await new.app.post(path, {"code": code}, key="k"), 401, "unauthenticated")


async def test_the_answer_tells_nobody_whether_a_number_is_known(chain: Chain) -> None:
    known, unknown = await chain.enrol(), await chain.enrol()
    await verify_contact(chain, known)
    await let_a_minute_pass(chain)
    answers = [await request_code(unknown, value) for value in (PHONE, "090-8765-4321")]
    assert [set(each) for each in answers] == [{"id", "kind", "expires_at", "resend_at"}] * 2


async def test_the_same_number_in_another_program_is_another_members(chain: Chain, rival: Chain) -> None:
    one, two = await chain.enrol(), await rival.enrol()
    for program, member in ((chain, one), (rival, two)):
        assert (await verify_contact(program, member))["member_id"] == str(member.id)


async def test_a_hundred_guess_over_http_and_five_are_judged(chain: Chain) -> None:
    member = await chain.enrol()
    opened = await request_code(member)
    code = await code_for(chain)
    path = f"/v1/me/verifications/{opened['id']}/confirm"
    guesses = [f"{(int(code) + by) % 1_000_000:06d}" for by in range(1, 101)]
    answers = await asyncio.gather(*(member.app.post(path, {"code": guess}) for guess in guesses))
    slugs = Counter(answer.json()["type"].rpartition(":")[2] for answer in answers)
    assert slugs == {"incorrect-code": 5, "verification-expired": 95}
    expect_problem(await member.app.post(path, {"code": code}), 410, "verification-expired")


async def test_a_wrong_code_under_a_key_is_counted_each_time(chain: Chain) -> None:
    """A refusal leaves no record, so a repeated one is a try of its own."""
    member = await chain.enrol()
    opened = await request_code(member)
    code = await code_for(chain)
    bad = {"code": f"{(int(code) + 1) % 1_000_000:06d}"}
    path = f"/v1/me/verifications/{opened['id']}/confirm"
    left = [(await member.app.post(path, bad, key="k")).json()["tries_left"] for _ in range(3)]
    assert left == [4, 3, 2]


async def test_a_repeated_right_code_gets_the_first_answer(chain: Chain) -> None:
    member = await chain.enrol()
    opened = await request_code(member)
    code = await code_for(chain)
    assert await confirm(member, opened, code, key="k") == await confirm(member, opened, code, key="k")
    answer = await member.app.post(f"/v1/me/verifications/{opened['id']}/confirm", {"code": code})
    expect_problem(answer, 410, "verification-expired")


async def test_a_repeated_request_for_a_code_sends_one(chain: Chain) -> None:
    member = await chain.enrol()
    body = {"kind": "phone", "value": PHONE}
    first, second = [await member.app.post("/v1/me/verifications", body, key="k") for _ in range(2)]
    assert (first.status_code, first.json()) == (201, second.json())
    assert await chain.world.count("outbox", chain.id) == 1
    refused = await member.app.post("/v1/me/verifications", body)
    expect_problem(refused, 429, "too-many-attempts")
    assert 50 <= int(refused.headers["Retry-After"]) <= 61


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("phone", "12", "not_a_number"),
        ("phone", "hana@example.com", "not_a_number"),
        ("phone", "\0", "not_a_number"),
        ("phone", "03-3210-7000", "landline"),
        ("email", "090-1234-5678", "not_an_address"),
        ("email", "a@b", "domain"),
    ],
)
async def test_a_contact_that_is_none(chain: Chain, kind: str, value: str, reason: str) -> None:
    member = await chain.enrol()
    refused = await member.app.post("/v1/me/verifications", {"kind": kind, "value": value})
    assert expect_problem(refused, 422, "contact-unusable")["reason"] == reason


def test_every_fault_of_a_contact_is_told_in_a_sentence() -> None:
    assert set(SENTENCES) == set(get_args(ContactFault))


@pytest.mark.parametrize(
    ("kind", "typed", "sent_to"),
    [
        ("phone", wide("090-1234-5678"), "+819012345678"),
        ("email", wide("hana@example.com"), "hana@example.com"),
        ("email", "hana..sato@docomo.ne.jp", "hana..sato@docomo.ne.jp"),
    ],
)
async def test_a_contact_as_people_have_it(chain: Chain, kind: str, typed: str, sent_to: str) -> None:
    member = await chain.enrol()
    assert (await member.app.post("/v1/me/verifications", {"kind": kind, "value": typed})).status_code == 201
    assert await code_for(chain, sent_to)


async def test_a_number_is_read_by_the_programs_region(chain: Chain) -> None:
    member = await chain.enrol()
    assert (await chain.owner.put("/v1/program/enrolment", {"phone_region": "US"})).status_code == 200
    refused = await member.app.post("/v1/me/verifications", {"kind": "phone", "value": PHONE})
    expect_problem(refused, 422, "contact-unusable")
    await request_code(member, "(201) 555-0123")
    assert await code_for(chain, "+12015550123")


async def test_without_a_channel_there_is_no_code(database: str) -> None:
    async with open_world(database, message_sink=None) as world:
        chain = await world.add_chain()
        member = await chain.enrol()
        refused = await member.app.post("/v1/me/verifications", {"kind": "email", "value": "hana@example.com"})
        expect_problem(refused, 501, "channel-not-configured")
        # Nor a new password by e-mail for the staff.
        asked = {"program": chain.code, "email": "owner@example.com"}
        expect_problem(await world.anyone.post("/v1/password-resets", asked), 501, "channel-not-configured")


async def test_codes_asked_for_from_one_address_are_slowed_down(database: str) -> None:
    async with open_world(database) as world:
        chain = await world.add_chain()
        members = [await chain.enrol() for _ in range(7)]
        asked = [(member, f"090-1234-{10 * n + m:04d}") for n, member in enumerate(members) for m in range(10)]
        answers = [await m.app.post("/v1/me/verifications", {"kind": "phone", "value": value}) for m, value in asked]
    assert Counter(answer.status_code for answer in answers) == {201: 60, 429: 10}


async def test_the_code_comes_out_of_the_worker_and_stays_out_of_log_and_tables(database: str, tmp_path: Path) -> None:
    sink = tmp_path / "messages"
    live = start(
        database, SECRET_KEY, tmp_path / "log", only="all", NOREN_LOG_LEVEL="debug", NOREN_MESSAGE_SINK=str(sink)
    )
    pool = await open_pool(database)
    with ended(live):
        await wait_until_ready(live)
        async with live.client() as http:
            chain = await World(http, pool).add_chain()
            member = await chain.enrol()
            opened = await request_code(member)
            code = await written_code(sink)
            wrong = f"{(int(code) + 1) % 1_000_000:06d}"
            path = f"/v1/me/verifications/{opened['id']}/confirm"
            expect_problem(await member.app.post(path, {"code": wrong}), 422, "incorrect-code")
            tables = await dump(pool)
            assert (await confirm(member, opened, code))["device_token"] is None
            tables += await dump(pool)
        live.stop()
    await pool.close()
    log = live.log.read_text()
    for private in (E164, E164[1:], E164.encode().hex(), "9012345678"):
        assert private not in log
        assert private not in tables
    assert code not in [word for line in log.splitlines() for word in line.replace('"', " ").split()]
    assert code.encode().hex() not in tables


async def written_code(sink: Path) -> str:
    def read() -> bytes:
        return sink.read_bytes() if sink.exists() else b""

    await until(lambda: read().endswith(b"\n"))
    (line,) = read().splitlines()
    message = msgspec.json.decode(line, type=SmsMessage)
    assert message.recipient == E164
    return read_code(message)


async def dump(pool: Pool) -> str:
    names = [row[0] for row in await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return str([await pool.fetch(f"SELECT t::text FROM {name} t") for name in names if name != "spatial_ref_sys"])
