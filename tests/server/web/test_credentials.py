"""A credential that was revoked, replaced or has expired stops at once."""

from datetime import timedelta

from kit.clock import utc_now
from tests.support.stage import set_stage
from tests.support.world import Caller, Chain, Member


async def status(caller: Caller, path: str) -> int:
    return (await caller.get(path)).status_code


async def device_statuses(member: Member, app: Caller) -> set[int]:
    """Of the general way in, and of the batched one."""
    return {await status(app, "/v1/me"), (await app.post("/v1/locations", {"fixes": []})).status_code}


async def test_a_session_ends_with_the_log_out(chain: Chain) -> None:
    person = await chain.add_person("owner")
    other = await chain.open_session(person.id)
    assert (await person.session.delete("/v1/sessions/current")).status_code == 204
    assert await status(person.session, "/v1/stores") == 401
    assert await status(other, "/v1/stores") == 200


async def test_a_session_ends_after_twelve_hours(chain: Chain) -> None:
    person = await chain.add_person("owner")
    update = "UPDATE staff_sessions SET expires_at = expires_at - $2::interval WHERE staff_id = $1"
    await chain.world.pool.execute(update, person.id, timedelta(hours=11, minutes=59))
    assert await status(person.session, "/v1/stores") == 200
    await chain.world.pool.execute(update, person.id, timedelta(minutes=2))
    assert await status(person.session, "/v1/stores") == 401


async def test_sessions_end_with_the_person(chain: Chain) -> None:
    person = await chain.add_person("store_manager", await chain.add_store())
    assert (await chain.owner.delete(f"/v1/staff/{person.id}")).status_code == 204
    assert await status(person.session, "/v1/stores") == 401


async def test_a_session_has_the_role_and_stores_that_the_person_has_now(chain: Chain) -> None:
    first, second = await chain.add_store(), await chain.add_store()
    person = await chain.add_person("store_manager", first)
    change = {"name": "Sato", "role": "store_manager", "store_ids": [str(second)]}
    assert (await chain.owner.put(f"/v1/staff/{person.id}", change)).status_code == 200
    assert await status(person.session, f"/v1/stores/{first}") == 403
    assert await status(person.session, f"/v1/stores/{second}") == 200
    await chain.owner.put(f"/v1/staff/{person.id}", {"name": "Sato", "role": "owner"})
    assert await status(person.session, "/v1/staff") == 200


async def test_a_tills_key_ends_when_it_is_replaced(chain: Chain) -> None:
    stage = await set_stage(chain)
    card = {"card": stage.member.card_number}
    made = (await chain.owner.post(f"/v1/tills/{stage.till.id}/key")).json()
    assert (await stage.till.at.post("/v1/scans", card)).status_code == 401
    assert (await chain.world.caller(made["key"]).post("/v1/scans", card)).status_code == 201


async def test_a_tills_key_ends_when_it_is_revoked(chain: Chain) -> None:
    stage = await set_stage(chain)
    assert (await chain.owner.delete(f"/v1/tills/{stage.till.id}")).status_code == 204
    assert (await stage.till.at.post("/v1/scans", {"card": stage.member.card_number})).status_code == 401
    assert (await chain.owner.post(f"/v1/tills/{stage.till.id}/key")).status_code == 404


async def test_a_tills_key_ends_when_its_store_closes(chain: Chain) -> None:
    stage = await set_stage(chain)
    assert (await chain.owner.delete(f"/v1/stores/{stage.store_id}")).status_code == 204
    assert (await stage.till.at.post("/v1/scans", {"card": stage.member.card_number})).status_code == 401


async def test_a_device_ends_when_it_is_signed_out(chain: Chain) -> None:
    member = await chain.enrol()
    assert await device_statuses(member, member.app) == {200}
    assert (await member.app.delete("/v1/me/device")).status_code == 204
    assert await device_statuses(member, member.app) == {401}


async def test_a_replaced_device_token_works_for_an_hour(chain: Chain) -> None:
    member = await chain.enrol()
    second = chain.world.caller((await member.app.post("/v1/me/device/token")).json()["device_token"])
    assert await device_statuses(member, member.app) == {200}
    assert await device_statuses(member, second) == {200}

    until = await chain.world.pool.fetchval("SELECT former_token_until FROM devices WHERE id = $1", member.device_id)
    assert timedelta(minutes=59) < until - utc_now() <= timedelta(hours=1)
    await chain.world.pool.execute(
        "UPDATE devices SET former_token_until = $2 WHERE id = $1", member.device_id, utc_now()
    )
    assert await device_statuses(member, member.app) == {401}
    assert await device_statuses(member, second) == {200}


async def test_a_second_replacement_ends_the_first_token_at_once(chain: Chain) -> None:
    member = await chain.enrol()
    second = chain.world.caller((await member.app.post("/v1/me/device/token")).json()["device_token"])
    third = chain.world.caller((await second.post("/v1/me/device/token")).json()["device_token"])
    assert await device_statuses(member, member.app) == {401}
    assert await device_statuses(member, second) == {200}
    assert await device_statuses(member, third) == {200}


async def test_a_token_with_another_devices_id_opens_nothing(chain: Chain) -> None:
    """The ids in a token route the look-up; only the secret proves anything."""
    one, two = await chain.enrol(), await chain.enrol()
    assert one.app.token is not None
    assert two.app.token is not None
    half = len(one.app.token) - 43
    mixed = chain.world.caller(two.app.token[:half] + one.app.token[half:])
    assert await device_statuses(two, mixed) == {401}
