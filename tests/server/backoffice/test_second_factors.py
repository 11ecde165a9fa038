"""Log-ins with a second factor, over the API."""

import asyncio

import pytest

from kit.clock import utc_now
from programs.one_time_codes import find_step, new_authenticator_secret, read_code
from tests.support.expectations import expect_problem
from tests.support.staff_factors import Authenticator, add_authenticator
from tests.support.world import Chain, Person

PASSWORD = "correct horse"


async def begin(chain: Chain, person: Person) -> str:
    """The challenge of a log-in whose password is right."""
    asked = {"program": chain.code, "email": person.email, "password": PASSWORD}
    refused = await chain.world.anyone.post("/v1/sessions", asked)
    body = expect_problem(refused, 401, "second-factor-required")
    assert "token" not in refused.text
    return str(body["challenge"])


async def set_up(chain: Chain) -> tuple[Person, Authenticator]:
    person = await chain.add_person("owner", password=PASSWORD)
    return person, await add_authenticator(chain, person)


async def show(chain: Chain, challenge: str, code: str) -> int:
    answer = await chain.world.anyone.post("/v1/sessions/second-factor", {"challenge": challenge, "code": code})
    return answer.status_code


async def test_a_password_alone_gives_no_session_and_a_code_is_good_once(chain: Chain) -> None:
    person, app = await set_up(chain)
    code, challenge = app.show(), await begin(chain, person)
    opened = await chain.world.anyone.post("/v1/sessions/second-factor", {"challenge": challenge, "code": code})
    assert (await chain.world.caller(opened.json()["token"]).get("/v1/program")).status_code == 200
    assert await show(chain, challenge, code) == 401, "the challenge is used up"
    assert await show(chain, await begin(chain, person), code) == 401, "and so is the code"


async def test_of_two_that_show_one_code_at_once_one_gets_in(chain: Chain) -> None:
    person, app = await set_up(chain)
    challenges, code = [await begin(chain, person) for _ in range(4)], app.show()
    shown = await asyncio.gather(*(show(chain, each, code) for each in challenges))
    assert sorted(shown) == [201, 401, 401, 401]


async def test_a_recovery_code_is_good_once_and_as_it_is_typed(chain: Chain) -> None:
    person, app = await set_up(chain)
    typed = app.recovery_codes[0].upper().replace("-", " ")
    assert await show(chain, await begin(chain, person), typed) == 201
    assert await show(chain, await begin(chain, person), typed) == 401
    other, others_app = await set_up(chain)
    assert await show(chain, await begin(chain, other), app.recovery_codes[1]) == 401, "another's"
    assert await show(chain, await begin(chain, other), others_app.recovery_codes[1]) == 201


async def test_a_challenge_takes_five_attempts_and_a_person_twenty_an_hour(chain: Chain) -> None:
    person, app = await set_up(chain)
    for _ in range(4):
        challenge = await begin(chain, person)
        shown = await asyncio.gather(*(show(chain, challenge, app.show_wrong()) for _ in range(7)))
        assert set(shown) <= {401, 429}
        assert await show(chain, challenge, app.show()) in (401, 429), "the right one is too late"
    failed = "SELECT sum(failed) FROM staff_challenges WHERE staff_id = $1"
    assert await chain.world.pool.fetchval(failed, person.id) == 20
    assert await show(chain, await begin(chain, person), app.show()) == 429


@pytest.mark.parametrize("challenge", ["", "x", "nrnf_" + "A" * 43, "nrnf_" + "A" * 20])
async def test_a_challenge_that_is_none_is_refused(chain: Chain, challenge: str) -> None:
    answer = await chain.world.anyone.post("/v1/sessions/second-factor", {"challenge": challenge, "code": "123456"})
    expect_problem(answer, 401, "second-factor-expired")


async def test_where_the_program_demands_one_nothing_goes_without(chain: Chain) -> None:
    person = await chain.add_person("owner", password=PASSWORD)
    await chain.world.pool.execute("UPDATE programs SET demands_second_factor = true WHERE id = $1", chain.id)
    expect_problem(await person.session.get("/v1/program"), 403, "second-factor-missing")
    await add_authenticator(chain, person)
    assert (await person.session.get("/v1/program")).status_code == 200
    other = await chain.add_person("owner")
    assert (await other.session.delete("/v1/sessions/current")).status_code == 204


def test_a_code_of_a_step_off_is_taken_and_none_of_two() -> None:
    secret, now = new_authenticator_secret(), utc_now()
    totp = Authenticator(secret, [])
    step = find_step(secret, totp.show(), now)
    assert step is not None
    assert find_step(secret, "abcdef", now) is None
    assert read_code(" \uff11\uff12\uff13 456 ") == "123456"
