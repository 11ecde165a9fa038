"""An erasure beside a device transfer of the same member, on connections of their own."""

import asyncio

from tests.support.device_writes import send, writes_of
from tests.support.expectations import expect_problem
from tests.support.gates import gate
from tests.support.inbox import fetch_code
from tests.support.lives import KEYRING, ok
from tests.support.rights import PHONE, both_codes, verify_contact_of
from tests.support.street import expect_gone, open_street
from tests.support.transferring import answer_as_of_last_week
from tests.support.world import Chain, Member


async def transfer_of_last_week(chain: Chain, asking: Member) -> str:
    """The path by which the card of PHONE comes to this phone: nobody objected in the week."""
    opened = ok(await asking.app.post("/v1/me/verifications", {"kind": "phone", "value": PHONE}))
    code = {"code": await fetch_code(chain.world.pool, KEYRING, PHONE)}
    confirmed = ok(await asking.app.post(f"/v1/me/verifications/{opened['id']}/confirm", code))
    await answer_as_of_last_week(chain)
    return f"/v1/me/transfers/{confirmed['transfer']['id']}/complete"


async def test_a_contact_is_confirmed_while_its_member_is_erased(database: str) -> None:
    async with open_street(database) as street:
        old, new = await street.chain.enrol(), await street.chain.enrol()
        await verify_contact_of(street.chain, old)
        proof = await both_codes(street.chain, old)
        opened = ok(await new.app.post("/v1/me/verifications", {"kind": "phone", "value": PHONE}))
        code = {"code": await fetch_code(street.pool, KEYRING, PHONE)}
        async with gate(database, "LOCK TABLE outbox IN SHARE MODE", 2) as arrived:
            erasing = asyncio.create_task(old.app.post("/v1/me/erasure", proof))
            await arrived(1)
            confirming = asyncio.create_task(new.app.post(f"/v1/me/verifications/{opened['id']}/confirm", code))
        erased, confirmed = await erasing, await confirming
        assert (erased.status_code, confirmed.status_code) == (200, 200), confirmed.text
        assert confirmed.json()["device_token"] is None, "the contact was free: no card is transferred"
        await expect_gone(street.pool, old)
        assert ok(await new.app.get("/v1/me"))["phone"] == PHONE


async def test_a_transfer_that_comes_after_the_erasure_has_ended(database: str) -> None:
    async with open_street(database) as street:
        old, new = await street.chain.enrol(), await street.chain.enrol()
        await verify_contact_of(street.chain, old)
        proof = await both_codes(street.chain, old)
        complete = await transfer_of_last_week(street.chain, new)
        async with gate(database, "LOCK TABLE outbox IN SHARE MODE", 2) as arrived:
            erasing = asyncio.create_task(old.app.post("/v1/me/erasure", proof))
            await arrived(1)
            transferring = asyncio.create_task(new.app.post(complete))
        erased, refused = await erasing, await transferring
        assert erased.status_code == 200
        expect_problem(refused, 409, "transfer-over")
        await expect_gone(street.pool, old)


async def test_a_member_whose_card_was_transferred_is_not_erased_by_the_former_phone(database: str) -> None:
    async with open_street(database) as street:
        old, new = await street.chain.enrol(), await street.chain.enrol()
        await verify_contact_of(street.chain, old)
        proof = await both_codes(street.chain, old)
        complete = await transfer_of_last_week(street.chain, new)
        async with gate(database, "LOCK TABLE consents IN SHARE MODE", 2) as arrived:
            transferring = asyncio.create_task(new.app.post(complete))
            await arrived(1)
            erasing = asyncio.create_task(old.app.post("/v1/me/erasure", proof))
        transferred, refused = await transferring, await erasing
        assert (transferred.status_code, refused.status_code) == (200, 401), refused.text
        expect_problem(await old.app.post("/v1/me/erasure", proof), 401, "unauthenticated")
        phone = street.world.caller(transferred.json()["device_token"])
        me = ok(await phone.get("/v1/me"))
        assert (me["member_id"], me["phone"]) == (str(old.id), PHONE)


async def test_what_a_former_phone_writes_during_a_transfer_is_refused(database: str) -> None:
    """The member stays as they are; it is the phone that is theirs no more."""
    async with open_street(database) as street:
        old, new = await street.chain.enrol(), await street.chain.enrol()
        await verify_contact_of(street.chain, old)
        complete = await transfer_of_last_week(street.chain, new)
        # A verification would need a proof of what stands already.
        writes = [write for write in writes_of(old) if write[1] != "/v1/me/verifications"]
        async with gate(database, "LOCK TABLE consents IN SHARE MODE", 1 + len(writes)) as arrived:
            transferring = asyncio.create_task(new.app.post(complete))
            await arrived(1)
            writing = [asyncio.create_task(send(old, write, f"k-{n}")) for n, write in enumerate(writes)]
        assert (await transferring).status_code == 200
        for write, answer in zip(writes, await asyncio.gather(*writing), strict=True):
            assert answer.status_code == 401, (write, answer.text)
