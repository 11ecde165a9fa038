"""Staff of a program."""

import asyncio

import pytest

from ids import StaffId
from kit.clock import utc_now
from kit.ids import new_id
from programs.staff_repository import StaffMember, create_staff
from tests.support.expectations import expect_problem
from tests.support.world import Chain, Json

PERSON = {"email": "Yui@Example.com", "name": "Sato Yui", "password": "long enough", "role": "store_manager"}


async def owners(chain: Chain) -> list[Json]:
    items: list[Json] = (await chain.owner.get("/v1/staff")).json()["items"]
    return [each for each in items if each["role"] == "owner" and each["disabled_at"] is None]


async def test_a_person_is_added_shown_changed_and_disabled(chain: Chain) -> None:
    first, second = str(await chain.add_store()), str(await chain.add_store())
    added = (await chain.owner.post("/v1/staff", PERSON | {"store_ids": [first]})).json()
    assert (added["email"], added["store_ids"], added["disabled_at"]) == ("yui@example.com", [first], None)
    assert not [name for name in added if "password" in name]
    path = f"/v1/staff/{added['id']}"
    assert (await chain.owner.get(path)).json() == added

    change = {"name": "Sato Yui", "role": "store_manager", "store_ids": [first, second]}
    changed = (await chain.owner.put(path, change)).json()
    assert sorted(changed["store_ids"]) == sorted([first, second])
    assert (await chain.owner.get(path)).json() == changed

    assert (await chain.owner.delete(path)).status_code == 204
    assert (await chain.owner.get(path)).json()["disabled_at"] is not None
    expect_problem(await chain.owner.delete(path), 404, "not-found")
    expect_problem(await chain.owner.put(path, change), 404, "not-found")


async def test_nobody_is_invited_where_no_mail_is_sent_or_no_console_read(chain: Chain) -> None:
    invited = {name: value for name, value in PERSON.items() if name != "password"}
    expect_problem(await chain.owner.post("/v1/staff", invited), 501, "channel-not-configured")
    assert (await chain.owner.post("/v1/staff", PERSON)).status_code == 201, "nobody has the address"


async def test_an_address_is_taken_once_whatever_its_case(chain: Chain) -> None:
    assert (await chain.owner.post("/v1/staff", PERSON)).status_code == 201
    again = PERSON | {"email": "YUI@example.com"}
    expect_problem(await chain.owner.post("/v1/staff", again), 409, "email-taken")


async def test_an_address_that_is_taken_is_no_error_of_the_database(chain: Chain) -> None:
    """PostgreSQL would write it into its log."""
    people = [
        StaffMember(StaffId(new_id()), chain.id, "rin@example.com", name, "owner", [], utc_now(), None)
        for name in ("Rin", "Ran")
    ]
    async with chain.world.pool.acquire() as conn, conn.transaction():
        assert [await create_staff(conn, person, "hash") for person in people] == [True, False]


@pytest.mark.parametrize("email", ["", "yui", "@", "yui@", "yui @example.com", "yui@example.com\n", "a@b@c", "a\tb@c"])
async def test_an_address_that_is_none(chain: Chain, email: str) -> None:
    expect_problem(await chain.owner.post("/v1/staff", PERSON | {"email": email}), 400, "invalid-request")


async def test_stores_are_a_managers_and_named_once(chain: Chain) -> None:
    store = str(await chain.add_store())
    twice = PERSON | {"store_ids": [store, store]}
    owner = PERSON | {"role": "owner", "store_ids": [store]}
    for body in (twice, owner):
        expect_problem(await chain.owner.post("/v1/staff", body), 400, "invalid-request")
    await chain.owner.delete(f"/v1/stores/{store}")
    expect_problem(await chain.owner.post("/v1/staff", PERSON | {"store_ids": [store]}), 422, "store-unknown")


async def test_the_last_owner_stays(chain: Chain) -> None:
    (owner,) = await owners(chain)
    path = f"/v1/staff/{owner['id']}"
    demoted = {"name": "Sato", "role": "store_manager"}
    expect_problem(await chain.owner.delete(path), 409, "last-owner")
    expect_problem(await chain.owner.put(path, demoted), 409, "last-owner")
    assert (await chain.owner.put(path, {"name": "Sato", "role": "owner"})).status_code == 200

    await chain.add_person("owner")
    assert (await chain.owner.put(path, demoted)).status_code == 200


async def test_two_owners_who_remove_each_other_leave_one(chain: Chain) -> None:
    for _ in range(5):
        one, two = await chain.add_person("owner"), await chain.add_person("owner")
        for each in await owners(chain):
            if each["id"] not in {str(one.id), str(two.id)}:
                await chain.world.pool.execute("UPDATE staff SET disabled_at = now() WHERE id = $1", each["id"])
        await asyncio.gather(
            one.session.delete(f"/v1/staff/{two.id}"),
            two.session.delete(f"/v1/staff/{one.id}"),
        )
        left = await chain.world.pool.fetch(
            "SELECT id FROM staff WHERE program_id = $1 AND role = 'owner' AND disabled_at IS NULL", chain.id
        )
        assert len(left) == 1
        survivor = await chain.open_session(left[0]["id"])
        chain = Chain(chain.world, chain.id, chain.code, survivor)


async def test_what_staff_do_is_in_the_audit_trail(chain: Chain) -> None:
    manager = await chain.add_person("store_manager", store := await chain.add_store())
    till = (await manager.session.post("/v1/tills", {"store_id": str(store), "name": "Till"})).json()
    await manager.session.post("/v1/tills", {"store_id": str(store)})
    newest, *earlier = (await chain.owner.get("/v1/audit")).json()["items"]
    assert (newest["actor"], newest["action"], newest["target"]) == (
        f"staff:{manager.id}",
        "POST /v1/tills",
        till["id"],
    )
    assert [each["action"] for each in earlier] == ["POST /v1/stores"]
