"""Log-in and passwords."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from kit.clock import utc_now
from tests.support.expectations import expect_problem
from tests.support.japanese_keyboard import wide
from tests.support.world import Chain, Json, Person

PASSWORD = "correct horse battery"


async def person_with_password(chain: Chain) -> tuple[Person, Json]:
    person = await chain.add_person("owner", password=PASSWORD)
    return person, {"program": chain.code, "email": person.email, "password": PASSWORD}


async def test_a_log_in_opens_a_session_of_twelve_hours(chain: Chain) -> None:
    person, login = await person_with_password(chain)
    opened = await chain.world.anyone.post("/v1/sessions", login | {"email": person.email.upper()})
    assert opened.status_code == 201
    life = datetime.fromisoformat(opened.json()["expires_at"]) - utc_now()
    assert timedelta(hours=11, minutes=59) < life <= timedelta(hours=12)
    assert (await chain.world.caller(opened.json()["token"]).get("/v1/program")).json()["id"] == str(chain.id)


async def test_an_address_typed_in_full_width_is_the_same_one(chain: Chain) -> None:
    person, login = await person_with_password(chain)
    assert (await chain.world.anyone.post("/v1/sessions", login | {"email": wide(person.email)})).status_code == 201


async def test_every_wrong_log_in_is_told_the_same(chain: Chain, rival: Chain) -> None:
    _, login = await person_with_password(chain)
    gone, gone_login = await person_with_password(chain)
    await chain.owner.delete(f"/v1/staff/{gone.id}")
    details = set()
    for wrong in (
        login | {"password": PASSWORD + "x"},
        login | {"email": "nobody@example.com"},
        login | {"program": rival.code},
        login | {"program": "no-such-program"},
        login | {"password": ""},
        gone_login,
    ):
        problem = expect_problem(await chain.world.anyone.post("/v1/sessions", wrong), 401, "login-failed")
        details.add(problem["detail"])
    assert len(details) == 1


async def test_a_hundred_guesses_at_once_are_turned_away(chain: Chain) -> None:
    _, login = await person_with_password(chain)
    _, other = await person_with_password(chain)
    guess, upper = login | {"password": "a guess"}, login | {"email": str(login["email"]).upper()}

    async def log_in(body: dict[str, object]) -> httpx.Response:
        return await chain.world.anyone.post("/v1/sessions", body)

    guesses = [asyncio.create_task(log_in(guess if number % 2 else upper | guess)) for number in range(100)]
    await asyncio.sleep(0)
    colleague, *answers = await asyncio.gather(log_in(other), *guesses)
    assert colleague.status_code == 201, "from the same network"
    turned_away = [answer for answer in answers if answer.status_code == 429]
    assert len(turned_away) == 95, "the others cost what a password costs"
    for answer in turned_away:
        problem = expect_problem(answer, 429, "too-many-attempts")
        assert f"in {answer.headers['retry-after']} s" in problem["detail"]
    assert {answer.status_code for answer in answers} == {401, 429}


async def test_a_changed_password_ends_all_sessions(chain: Chain) -> None:
    person, login = await person_with_password(chain)
    second = await chain.open_session(person.id)
    change = {"current": PASSWORD, "new": "a newer password"}
    assert (await person.session.put("/v1/sessions/current/password", change)).status_code == 204
    for session in (person.session, second):
        assert (await session.get("/v1/program")).status_code == 401
    anyone = chain.world.anyone
    expect_problem(await anyone.post("/v1/sessions", login), 401, "login-failed")
    assert (await anyone.post("/v1/sessions", login | {"password": "a newer password"})).status_code == 201
    assert (await chain.owner.get("/v1/program")).status_code == 200


async def test_a_password_is_changed_by_who_knows_it(chain: Chain) -> None:
    person, login = await person_with_password(chain)
    change = {"current": "a guess", "new": "a newer password"}
    path = "/v1/sessions/current/password"
    for _ in range(10):
        expect_problem(await person.session.put(path, change), 401, "login-failed")
    expect_problem(await person.session.put(path, change | {"current": PASSWORD}), 429, "too-many-attempts")
    assert (await person.session.get("/v1/program")).status_code == 200
    assert (await chain.world.anyone.post("/v1/sessions", login)).status_code == 201


@pytest.mark.parametrize("password", ["short", "123456789", "x" * 1001])
async def test_a_password_that_will_not_do(chain: Chain, password: str) -> None:
    person, _ = await person_with_password(chain)
    change = {"current": PASSWORD, "new": password}
    expect_problem(await person.session.put("/v1/sessions/current/password", change), 400, "invalid-request")
    expect_problem(await chain.owner.put(f"/v1/staff/{person.id}/password", {"password": password}), 400)
    body = {"email": "x@example.com", "name": "X", "password": password, "role": "owner"}
    expect_problem(await chain.owner.post("/v1/staff", body), 400, "invalid-request")


async def test_an_owner_gives_a_new_password(chain: Chain) -> None:
    person, login = await person_with_password(chain)
    body = {"password": "a first sentence"}
    assert (await chain.owner.put(f"/v1/staff/{person.id}/password", body)).status_code == 204
    assert (await person.session.get("/v1/program")).status_code == 401
    expect_problem(await chain.world.anyone.post("/v1/sessions", login), 401, "login-failed")
    assert (await chain.world.anyone.post("/v1/sessions", login | body)).status_code == 201
