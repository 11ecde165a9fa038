"""Members of a shop who verify their contacts: as the API does it, without HTTP."""

from datetime import datetime

from ids import TransferId, VerificationId
from kit.database import Connection, Pool, in_transaction
from members.contacts import ContactKind
from members.device import Device
from members.devices_repository import find_device
from outbox.kinds import ChannelKind
from server.accounts.confirm import VerificationResult, confirm
from server.accounts.decide_transfer import complete_transfer
from server.accounts.send_code import Verification
from server.accounts.start_verification import read_contact, start_verification
from server.alerts.tell_contacts import Telling
from server.problems import CommittedRefusal, Problem
from server.web.tokens import DeviceToken, read_bearer
from tests.support.inbox import fetch_code
from tests.support.shop import NOON, Shop, Shopper

PHONE = "090-1234-5678"
E164 = "+819012345678"
CHANNELS: tuple[ChannelKind, ...] = ("sms", "email")


async def device_of(shop: Shop, shopper: Shopper) -> Device:
    async with shop.pool.acquire() as conn:
        device = await find_device(conn, shopper.member_id, shopper.device_id)
    assert device is not None
    return device


async def request_code(
    shop: Shop,
    shopper: Shopper,
    value: str = PHONE,
    kind: ContactKind = "phone",
    now: datetime = NOON,
    network: str | None = None,
) -> Verification:
    """As if whoever has a contact already had proved that they may change it. Raises Problem."""
    device = await device_of(shop, shopper)

    async def work(conn: Connection) -> Verification:
        contact = await read_contact(conn, shop.keyring, CHANNELS, device, kind, value)
        return await start_verification(conn, shop.keyring, device, contact, now, is_proved=True, network=network)

    return await in_transaction(shop.pool, work)


async def code_of(shop: Shop, value: str = E164) -> str:
    """Delivered now, whatever the hour in the test."""
    due = (
        "UPDATE outbox SET next_attempt_at = now(), expires_at = now() + interval '1 h'"
        " WHERE channel <> 'push' AND state = 'pending'"
    )
    await shop.pool.execute(due)
    return await fetch_code(shop.pool, shop.keyring, value)


async def try_code(
    shop: Shop,
    device: Device,
    verification_id: VerificationId,
    code: str,
    now: datetime = NOON,
    pool: "Pool | None" = None,
) -> VerificationResult | Problem:
    """In a transaction of its own; a raised Problem is answered too."""
    snapshot = (await shop.keeper()).current

    async def work(conn: Connection) -> VerificationResult | CommittedRefusal:
        return await confirm(conn, Telling(shop.keyring, CHANNELS), snapshot, device, verification_id, code, now)

    try:
        answer = await in_transaction(pool or shop.pool, work)
    except Problem as problem:
        return problem
    return answer.problem if isinstance(answer, CommittedRefusal) else answer


async def verify_contact(shop: Shop, shopper: Shopper, value: str = PHONE, now: datetime = NOON) -> VerificationResult:
    """The whole way of a phone number, with the right code."""
    opened = await request_code(shop, shopper, value, now=now)
    code = await code_of(shop)
    return await settle(
        shop, expect_confirmed(await try_code(shop, await device_of(shop, shopper), opened.id, code, now)), now
    )


async def settle(shop: Shop, confirmed: VerificationResult, now: datetime) -> VerificationResult:
    """Where it had to be proved that the card is theirs: it is."""
    if confirmed.transfer is None:
        return confirmed
    device = await answer_of_last_week(shop, confirmed)
    return expect_confirmed(await try_to_complete(shop, device, confirmed.transfer.id, now))


async def answer_of_last_week(shop: Shop, confirmed: VerificationResult) -> Device:
    """As if the phone's person had named the last visit eight days ago; the transfer can be completed.

    How it is proved: tests/server/accounts/test_transfers.py.
    """
    assert confirmed.transfer is not None
    await shop.pool.execute(
        "UPDATE transfers SET answers = 1, answered_at = created_at, created_at = created_at - interval '8 days'"
        " WHERE id = $1",
        confirmed.transfer.id,
    )
    async with shop.pool.acquire() as conn:
        device = await find_device(conn, confirmed.member_id, confirmed.device_id)
    assert device is not None
    return device


async def try_to_complete(
    shop: Shop, device: Device, transfer_id: TransferId, now: datetime, pool: "Pool | None" = None
) -> VerificationResult | Problem:
    """In a transaction of its own; a raised Problem is answered too."""
    snapshot = (await shop.keeper()).current
    try:
        return await in_transaction(
            pool or shop.pool, lambda conn: complete_transfer(conn, snapshot, device, transfer_id, now)
        )
    except Problem as problem:
        return problem


def expect_confirmed(answer: VerificationResult | Problem) -> VerificationResult:
    assert isinstance(answer, VerificationResult), answer
    return answer


def slug(answer: object) -> str:
    return answer.slug if isinstance(answer, Problem) else type(answer).__name__


def moved_to(confirmed: VerificationResult) -> Shopper:
    """The phone after the device transfer."""
    assert confirmed.device_token is not None
    token = read_bearer(f"Bearer {confirmed.device_token}")
    assert isinstance(token, DeviceToken)
    assert (token.member_id, token.device_id) == (confirmed.member_id, confirmed.device_id)
    return Shopper(confirmed.member_id, confirmed.device_id, confirmed.device_token)
