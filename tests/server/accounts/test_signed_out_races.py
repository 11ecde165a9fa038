"""A request of a phone that is signed out while the request waits: it was authenticated before, and does nothing."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from cards import card_keys_repository
from devtools.card.phone import ReferencePhone
from kit.database import Connection, in_transaction
from kit.ids import from_text
from members.device import Device
from server.accounts.close import close
from server.accounts.confirm import VerificationResult
from server.credentials.issue_totp_pass import issue_totp_pass
from server.credentials.lock_card import lock_card_of_device
from server.credentials.register_key import register_key
from server.problems import Problem
from tests.support.gates import gate
from tests.support.merging import member, pair, pending_transfer
from tests.support.shop import Shop, at
from tests.support.verifying import code_of, device_of, request_code, slug, try_code

AT_THE_POINTS = "LOCK TABLE point_accounts IN EXCLUSIVE MODE"


async def beside_a_transfer(
    shop: Shop, database: str, work: Callable[[Device], Coroutine[Any, Any, object]]
) -> tuple[Any, Device]:
    """`work` is a request of the old phone: it passed authentication, and reaches the card during a device transfer."""
    old, new = await pair(shop)
    device = await device_of(shop, old)
    transferring = await pending_transfer(shop, new)
    async with gate(database, AT_THE_POINTS, 2) as arrived:
        merging = asyncio.create_task(transferring())
        await arrived(1)
        working = asyncio.create_task(work(device))
    transferred, outcome = await asyncio.gather(merging, working, return_exceptions=True)
    assert isinstance(transferred, VerificationResult), transferred
    return outcome, device


async def test_a_phone_that_is_signed_out_does_not_get_the_card_back(shop: Shop, database: str) -> None:
    async def register(device: Device) -> object:
        body = ReferencePhone(device.member_id, device.id).registration()
        key, proof = from_text(body["public_key"]), from_text(body["proof"])
        return await in_transaction(
            shop.pool, lambda conn: register_key(conn, shop.keyring, device, key, proof, at(600))
        )

    outcome, device = await beside_a_transfer(shop, database, register)
    assert slug(outcome) == "unauthenticated"
    async with shop.pool.acquire() as conn:
        assert await card_keys_repository.find_live_key(conn, device.member_id) is None


async def test_a_phone_that_is_signed_out_gets_no_secret_of_the_card(shop: Shop, database: str) -> None:
    async def ask(device: Device) -> object:
        async def work(conn: Connection) -> object:
            await lock_card_of_device(conn, device)
            return await issue_totp_pass(conn, shop.keyring, device.member_id, device.program_id, "app", at(600))

        return await in_transaction(shop.pool, work)

    outcome, _ = await beside_a_transfer(shop, database, ask)
    assert slug(outcome) == "unauthenticated"
    assert await shop.count("totp_passes") == 0


@pytest.mark.parametrize("holder", ["nobody", "somebody"])
async def test_a_phone_that_is_signed_out_verifies_nothing(shop: Shop, database: str, holder: str) -> None:
    """Else whoever stole it would put an address of their own on the card at that very moment."""
    thief = "thief@example.com"
    if holder == "somebody":
        (other,) = await shop.enrol()
        first = await request_code(shop, other, thief, "email", at(0))
        code = await code_of(shop, thief)
        assert slug(await try_code(shop, await device_of(shop, other), first.id, code, at(0))) == "VerificationResult"
    old, new = await pair(shop)
    device = await device_of(shop, old)
    opened = await request_code(shop, old, thief, "email", at(100))
    code = await code_of(shop, thief)
    transferring = await pending_transfer(shop, new)
    async with gate(database, AT_THE_POINTS, 2) as arrived:
        merging = asyncio.create_task(transferring())
        await arrived(1)
        stealing = asyncio.create_task(try_code(shop, device, opened.id, code, at(200)))
    transferred, outcome = await asyncio.gather(merging, stealing)
    assert slug(transferred) == "VerificationResult"
    assert isinstance(outcome, Problem), outcome
    assert outcome.slug == "unauthenticated"
    emails = await shop.pool.fetchval(
        "SELECT count(*) FROM handles WHERE kind = 'email' AND member_id = $1", old.member_id
    )
    assert emails == 0


async def test_a_phone_that_is_signed_out_does_not_close_the_account(shop: Shop, database: str) -> None:
    async def leave(device: Device) -> object:
        return await in_transaction(shop.pool, lambda conn: close(conn, device, at(600)))

    outcome, device = await beside_a_transfer(shop, database, leave)
    assert slug(outcome) == "unauthenticated"
    assert (await member(shop, device.member_id))["state"] == "active"
