"""A new password by e-mail, for staff who have lost theirs."""

import asyncio
import re
from datetime import timedelta

import msgspec
import pytest

from channels.delivery_worker import deliver_once
from channels.messages import EmailMessage
from channels.staff_messages import write_password_change, write_password_reset
from kit.clock import utc_now
from kit.database import in_transaction
from kit.locales import Locale
from kit.sealing import Keyring
from members.code_limits import MAX_CODES
from programs.password_resets_repository import purge_password_resets
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.inbox import Inbox
from tests.support.japanese_keyboard import wide
from tests.support.world import Chain, Json, Person, World

PATH = "/v1/password-resets"
KEYRING = Keyring(SECRET_KEY)
OLD, NEW = "correct horse battery", "a newer password"


async def person_of(chain: Chain) -> tuple[Person, Json]:
    person = await chain.add_person("store_manager", await chain.add_store(), password=OLD)
    return person, {"program": chain.code, "email": person.email}


async def waiting(world: World) -> list[EmailMessage]:
    """What waits for the staff, the oldest first."""
    rows = await world.pool.fetch("SELECT id, sealed_message FROM staff_deliveries WHERE state = 'pending' ORDER BY id")
    sealed = (KEYRING.unseal("message", row["id"].bytes, row["sealed_message"]) for row in rows)
    return [msgspec.json.decode(each, type=EmailMessage) for each in sealed]


async def ask(chain: Chain, body: Json) -> str:
    """The token that went to the address."""
    assert (await chain.world.anyone.post(PATH, body)).status_code == 202
    message = (await waiting(chain.world))[-1]
    assert message.recipient == body["email"]
    (token,) = re.findall(r"nrnp_[A-Za-z0-9_-]{43}", message.body)
    return str(token)


async def let_a_minute_pass(chain: Chain) -> None:
    past = "UPDATE verification_code_counts SET last_sent_at = last_sent_at - interval '1 minute' WHERE program_id = $1"
    await chain.world.pool.execute(past, chain.id)


async def test_a_new_password_by_mail_ends_all_sessions_and_is_told(chain: Chain) -> None:
    person, asked = await person_of(chain)
    confirmation = {"token": await ask(chain, asked), "password": NEW}
    anyone = chain.world.anyone
    assert (await person.session.get("/v1/program")).status_code == 200
    assert (await anyone.post(f"{PATH}/confirmation", confirmation)).status_code == 204
    assert (await person.session.get("/v1/program")).status_code == 401
    expect_problem(await anyone.post("/v1/sessions", asked | {"password": OLD}), 401, "login-failed")
    assert (await anyone.post("/v1/sessions", asked | {"password": NEW})).status_code == 201
    told = (await waiting(chain.world))[-1]
    assert (told.recipient, "パスワードが変更され" in told.body) == (person.email, True)
    (entry, *_) = (await chain.owner.get("/v1/audit")).json()["items"]
    assert (entry["actor"], entry["target"]) == (f"staff:{person.id}", str(person.id))
    assert entry["action"] == "POST /v1/password-resets/confirmation"
    expect_problem(await anyone.post(f"{PATH}/confirmation", confirmation), 410, "password-reset-expired")


async def test_it_goes_out_with_the_other_messages_and_leaves_no_token_behind(chain: Chain) -> None:
    _, asked = await person_of(chain)
    token = await ask(chain, asked)
    inbox = Inbox()
    while (await deliver_once(chain.world.pool, KEYRING, inbox.channels)).total():
        pass
    assert [message.recipient for message in inbox.messages if token in message.body] == [asked["email"]]
    rows = await chain.world.pool.fetch("SELECT t::text FROM staff_deliveries t WHERE state <> 'sent'")
    assert [row for row in rows if ",pending," in row[0]] == []
    hashes = await chain.world.pool.fetch("SELECT t::text FROM password_resets t")
    assert all(token not in row[0] for row in hashes)


async def test_who_asks_sees_no_difference_and_nobody_else_is_written_to(chain: Chain, rival: Chain) -> None:
    person, asked = await person_of(chain)
    gone, gone_asked = await person_of(chain)
    await chain.owner.delete(f"/v1/staff/{gone.id}")
    before = len(await waiting(chain.world))
    bodies = (
        asked,
        asked | {"email": wide(person.email).upper()},  # within the minute
        asked | {"email": "nobody@example.com"},
        asked | {"program": rival.code},
        asked | {"program": "no-such-program"},
        asked | {"email": " "},
        gone_asked,
    )
    answers = [await chain.world.anyone.post(PATH, body) for body in bodies]
    same = {(answer.status_code, answer.text) for answer in answers}
    assert same == {(202, '{"valid_for_s":1800,"resend_after_s":60}')}
    assert [message.recipient for message in (await waiting(chain.world))[before:]] == [person.email]
    # Of an account that is not there as many rows are written: that would be seen in the time it takes.
    for table in ("staff_deliveries", "password_resets"):
        written = await chain.world.pool.fetchval(f"SELECT count(*) FROM {table} WHERE staff_id IS NULL")
        assert written >= 3


async def test_an_address_gets_ten_a_day_and_each_is_good(chain: Chain) -> None:
    _, asked = await person_of(chain)
    tokens = []
    for _ in range(MAX_CODES):
        tokens.append(await ask(chain, asked))
        await let_a_minute_pass(chain)
    sent = len(await waiting(chain.world))
    assert (await chain.world.anyone.post(PATH, asked)).status_code == 202
    assert len(await waiting(chain.world)) == sent
    first = {"token": tokens[0], "password": NEW}
    assert (await chain.world.anyone.post(f"{PATH}/confirmation", first)).status_code == 204
    last = {"token": tokens[-1], "password": NEW}
    expect_problem(await chain.world.anyone.post(f"{PATH}/confirmation", last), 410, "password-reset-expired")


async def test_of_many_who_use_a_token_at_once_one_does(chain: Chain) -> None:
    _, asked = await person_of(chain)
    token = await ask(chain, asked)
    bodies = [{"token": token, "password": f"{NEW} {number}"} for number in range(6)]
    answers = await asyncio.gather(*(chain.world.anyone.post(f"{PATH}/confirmation", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [204, 410, 410, 410, 410, 410]
    (won,) = (body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 204)
    login = asked | {"password": won["password"]}
    assert (await chain.world.anyone.post("/v1/sessions", login)).status_code == 201


@pytest.mark.parametrize("ending", ["time", "own change", "owner's change", "disabled"])
async def test_what_ends_a_token(chain: Chain, ending: str) -> None:
    person, asked = await person_of(chain)
    confirmation = {"token": await ask(chain, asked), "password": NEW}
    if ending == "time":
        half_an_hour = "UPDATE password_resets SET expires_at = expires_at - interval '30 minutes', "
        half_an_hour += "created_at = created_at - interval '30 minutes' WHERE staff_id = $1"
        await chain.world.pool.execute(half_an_hour, person.id)
    elif ending == "own change":
        change = {"current": OLD, "new": "another password"}
        assert (await person.session.put("/v1/sessions/current/password", change)).status_code == 204
        assert (await waiting(chain.world))[-1].recipient == person.email
    elif ending == "owner's change":
        body = {"password": "another password"}
        assert (await chain.owner.put(f"/v1/staff/{person.id}/password", body)).status_code == 204
        assert "パスワードが変更され" in (await waiting(chain.world))[-1].body
    else:
        assert (await chain.owner.delete(f"/v1/staff/{person.id}")).status_code == 204
    answer = await chain.world.anyone.post(f"{PATH}/confirmation", confirmation)
    expect_problem(answer, 410, "password-reset-expired")
    expect_problem(await chain.world.anyone.post("/v1/sessions", asked | {"password": NEW}), 401, "login-failed")


@pytest.mark.parametrize("token", ["", "nrnp_", "nrnp_" + "A" * 43, "A" * 43, "nrns_" + "A" * 43, "字" * 20, "A" * 200])
async def test_a_token_that_is_none(chain: Chain, token: str) -> None:
    body = {"token": token, "password": NEW}
    expect_problem(await chain.world.anyone.post(f"{PATH}/confirmation", body), 410, "password-reset-expired")


async def test_old_ones_are_forgotten(chain: Chain) -> None:
    person, asked = await person_of(chain)
    await ask(chain, asked)
    count = "SELECT count(*) FROM password_resets WHERE staff_id = $1"
    for later, left in ((timedelta(minutes=29), 1), (timedelta(minutes=31), 0)):
        now = utc_now() + later
        await in_transaction(chain.world.pool, lambda conn, now=now: purge_password_resets(conn, now))  # type: ignore[misc]
        assert await chain.world.pool.fetchval(count, person.id) == left


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_a_program_that_breaks_lines_does_not_break_the_header(locale: Locale) -> None:
    reset = write_password_reset("a@example.com", locale, "Kissa\r\nBcc: all", "nrnp_x", 30)
    change = write_password_change("a@example.com", locale, "{code}")
    assert "\n" not in reset.subject
    assert ("nrnp_x" in reset.body, "30" in reset.body, "{code}" in change.body) == (True, True, True)
