"""A device becomes a till by a code that is good once."""

import asyncio

import httpx

from ids import TillId
from kit.ids import from_text, new_id
from tests.support.expectations import expect_problem
from tests.support.world import Chain, Json, open_world

PATH = "/v1/till-pairings"
EXPIRED = 410, "pairing-code-expired"


async def code_for(chain: Chain, till_id: TillId) -> str:
    answer = await chain.owner.post(f"/v1/tills/{till_id}/pairing-codes")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


async def take(chain: Chain, code: str, program: str | None = None) -> httpx.Response:
    return await chain.world.anyone.post(PATH, {"program": program or chain.code, "code": code})


async def works(chain: Chain, key: str) -> bool:
    return (await chain.world.caller(key).get("/v1/till/offline-verification")).status_code == 200


async def test_a_code_gives_a_key_once_and_the_former_key_ends_with_that(chain: Chain) -> None:
    till = await chain.add_till(await chain.add_store(name="新宿店"))
    code = await code_for(chain, till.id)
    assert (await till.at.get("/v1/till/offline-verification")).status_code == 200, "nobody has taken it yet"
    taken = await take(chain, code)
    assert taken.status_code == 201
    paired: Json = taken.json()
    assert (paired["id"], paired["store_id"]) == (str(till.id), str(till.store_id))
    assert (paired["name"], paired["store_name"], paired["time_zone"]) == ("Register 1", "新宿店", "Asia/Tokyo")
    assert await works(chain, paired["key"])
    assert (await till.at.get("/v1/till/offline-verification")).status_code == 401
    expect_problem(await take(chain, code), *EXPIRED)
    entry, before, *_ = (await chain.owner.get("/v1/audit")).json()["items"]
    assert (entry["actor"], entry["action"]) == (f"till:{till.id}", f"POST {PATH}")
    assert before["action"] == "POST /v1/tills/{till_id}/pairing-codes"


async def test_what_ends_a_code(chain: Chain) -> None:
    till = await chain.add_till(await chain.add_store())
    former = await code_for(chain, till.id)
    newer = await code_for(chain, till.id)
    expect_problem(await take(chain, former), *EXPIRED)
    assert (await chain.owner.post(f"/v1/tills/{till.id}/key")).status_code == 200
    expect_problem(await take(chain, newer), *EXPIRED)
    late = await code_for(chain, till.id)
    past = "UPDATE tills SET pairing_expires_at = pairing_expires_at - interval '5 minutes' WHERE id = $1"
    await chain.world.pool.execute(past, till.id)
    expect_problem(await take(chain, late), *EXPIRED)
    last = await code_for(chain, till.id)
    assert (await chain.owner.delete(f"/v1/tills/{till.id}")).status_code == 204
    expect_problem(await take(chain, last), *EXPIRED)
    closing = await chain.add_till(await chain.add_store())
    code = await code_for(chain, closing.id)
    assert (await chain.owner.delete(f"/v1/stores/{closing.store_id}")).status_code == 204
    expect_problem(await take(chain, code), *EXPIRED)


async def test_a_code_is_taken_in_its_own_program_only(chain: Chain) -> None:
    other = await chain.world.add_chain()
    till = await chain.add_till(await chain.add_store())
    code = await code_for(chain, till.id)
    expect_problem(await take(chain, code, other.code), *EXPIRED)
    expect_problem(await take(chain, code, "nobody"), *EXPIRED)
    assert (await take(chain, code)).status_code == 201, "it was not spent there"


async def test_who_issues_a_code(chain: Chain) -> None:
    here, there = await chain.add_store(), await chain.add_store()
    till = await chain.add_till(here)
    path = f"/v1/tills/{till.id}/pairing-codes"
    own, foreign = await chain.add_person("store_manager", here), await chain.add_person("store_manager", there)
    assert (await own.session.post(path)).status_code == 201
    expect_problem(await foreign.session.post(path), 403, "forbidden")
    expect_problem(await (await chain.world.add_chain()).owner.post(path), 404, "not-found")
    expect_problem(await chain.owner.post(f"/v1/tills/{new_id()}/pairing-codes"), 404, "not-found")
    expect_problem(await till.at.post(path), 403, "forbidden")


async def test_of_many_devices_at_once_one_gets_a_key(chain: Chain) -> None:
    till = await chain.add_till(await chain.add_store())
    code = await code_for(chain, till.id)
    answers = await asyncio.gather(*(take(chain, code) for _ in range(20)))
    (paired,) = [each.json() for each in answers if each.status_code == 201]
    assert [each.status_code for each in answers].count(410) == 19
    assert await works(chain, paired["key"])


async def test_only_its_hash_is_kept(chain: Chain) -> None:
    till = await chain.add_till(await chain.add_store())
    code = await code_for(chain, till.id)
    row = await chain.world.pool.fetchval("SELECT t::text FROM tills t WHERE id = $1", till.id)
    assert code not in row
    kept: bytes = await chain.world.pool.fetchval("SELECT pairing_code_hash FROM tills WHERE id = $1", till.id)
    assert kept != from_text(code.removeprefix("nrnc_"))[16:]


async def test_the_link_is_of_the_till_pages_where_there_are_any(chain: Chain) -> None:
    till = await chain.add_till(await chain.add_store())
    answer = await chain.owner.post(f"/v1/tills/{till.id}/pairing-codes")
    assert answer.json()["link"] is None


async def test_guesses_are_slowed_down(database: str) -> None:
    async with open_world(database, till_url="https://till.kissa.example") as world:
        chain = await world.add_chain()
        till = await chain.add_till(await chain.add_store())
        issued = (await chain.owner.post(f"/v1/tills/{till.id}/pairing-codes")).json()
        assert issued["link"] == f"https://till.kissa.example/till/{chain.code}/#pair={issued['code']}"
        for guess in ("", "nrnc_", "nrnc_%%%", "nrnc_" + "A" * 64, "ー" * 50) * 12:
            expect_problem(await take(chain, guess), *EXPIRED)
        answer = await take(chain, issued["code"])
        expect_problem(answer, 429, "too-many-attempts")
        assert int(answer.headers["Retry-After"]) > 0
