"""`save_to_google`: a member's card goes to Google Wallet, and their phone gets the link that saves it there.

Google is asked between two transactions, never within one. The pass comes first, so that what Google shows can always
be scanned; if it has ended while Google was taking it, the worker sends Google the ending once more.
"""

from datetime import datetime, timedelta

from cards import google_classes_repository, google_passes_repository
from cards.google_class import GoogleClass
from cards.google_object import GooglePass
from cards.google_pass import GoogleCard, GoogleProgram, describe_class, describe_object, fingerprint
from cards.google_wallet import GoogleWallet
from kit.clock import utc_now
from kit.database import Connection, Pool, connect, in_transaction
from kit.sealing import Keyring
from members.device import Device
from server.credentials.issue_totp_pass import issue_totp_pass
from server.credentials.lock_card import lock_card_of_device
from server.problems import Problem, not_found
from server.runtime.store_places import StorePlaces
from server.wallets.google_cards import read_google_cards, read_google_programs

# How often the worker compares what a pass shows with what Google took last.
POLL_EVERY = timedelta(minutes=5)


async def save_to_google(
    pool: Pool, keyring: Keyring, wallet: GoogleWallet, stores: StorePlaces, device: Device, now: datetime
) -> str:
    """The save link. The same card until it ends: a second request saves the same one.

    Raises Problem, and WalletRefused, WalletLocked or WalletBusy where Google has not taken it.
    """
    held = await in_transaction(pool, lambda conn: _lock_pass(conn, keyring, device, now))
    async with connect(pool) as conn:
        programs = await read_google_programs(conn, [device.program_id])
        cards = await read_google_cards(conn, keyring, [held], stores, now)
    if held.pass_id not in cards:
        raise not_found("card")
    await sync_class(pool, wallet, *programs[device.program_id])
    await _publish_object(pool, wallet, held, cards[held.pass_id])
    return wallet.save_url(device.program_id, held.pass_id, now)


async def sync_class(pool: Pool, wallet: GoogleWallet, held: GoogleClass, program: GoogleProgram) -> None:
    """Where Google has not taken it as it is now."""
    content = describe_class(wallet.issuer, program)
    synced_hash = fingerprint(content)
    if synced_hash != held.synced_hash:
        await wallet.publish("loyaltyClass", content)
        async with connect(pool) as conn:
            await google_classes_repository.record_class_synced(conn, held, synced_hash)


async def _lock_pass(conn: Connection, keyring: Keyring, device: Device, now: datetime) -> GooglePass:
    await lock_card_of_device(conn, device)
    if not await google_classes_repository.find_google_classes(conn, [device.program_id]):
        raise Problem("wallet-not-configured", "Google Wallet is not set up for this program; its owner can do that.")
    held = await google_passes_repository.find_google_pass(conn, device.member_id)
    if held is not None:
        return held
    issued = await issue_totp_pass(conn, keyring, device.member_id, device.program_id, "google_wallet", now)
    next_poll_at = now + POLL_EVERY
    await google_passes_repository.create_google_pass(
        conn, device.member_id, issued.pass_id, device.program_id, next_poll_at, now
    )
    return GooglePass(
        member_id=device.member_id,
        pass_id=issued.pass_id,
        program_id=device.program_id,
        synced_hash=None,
        lease_until=None,
        failures=0,
    )


async def _publish_object(pool: Pool, wallet: GoogleWallet, held: GooglePass, card: GoogleCard) -> None:
    content = describe_object(wallet.issuer, card)
    synced_hash = fingerprint(content)
    if synced_hash == held.synced_hash:
        return
    await wallet.publish("loyaltyObject", content)

    async def record(conn: Connection) -> bool:
        if await google_passes_repository.record_synced(conn, held.member_id, held.pass_id, synced_hash):
            return True
        await google_passes_repository.upsert_google_endings(conn, [held.pass_id], utc_now())
        return False

    if not await in_transaction(pool, record):
        raise not_found("card")
