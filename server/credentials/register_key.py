"""`register_key`: a phone's key becomes the card's, and the former one is revoked. `renew`: its next certificate."""

from datetime import datetime

from cards import card_keys_repository
from cards.card_key import CardKey
from cards.certificates import expand_public_key, is_signed_by_phone, make_serial, proof_message, read_public_key
from kit.database import Connection
from kit.sealing import Keyring
from members.device import Device
from members.handles_repository import list_contacts
from members.standing import stands_from
from server.credentials.lock_card import lock_card_of_device
from server.credentials.sign_cards import CardCertificate, certify, ensure_signing_key
from server.problems import Problem


async def register_key(
    conn: Connection, keyring: Keyring, device: Device, given_key: bytes, proof: bytes, now: datetime
) -> CardCertificate:
    """The same key of the same device gets another certificate and nothing else. Raises Problem."""
    public_key = read_public_key(given_key)
    if public_key is None:
        raise _unusable("malformed", "Send a point of P-256 as SEC 1 writes it, 65 or 33 bytes.")
    if not is_signed_by_phone(public_key, proof_message(device.member_id, device.id, public_key), proof):
        raise _unusable("not_proved", "Sign the message of docs/card-code.md with the private key; r and s, 64 bytes.")
    card_number = await lock_card_of_device(conn, device)
    key = CardKey(
        member_id=device.member_id,
        serial=make_serial(device.member_id, public_key),
        program_id=device.program_id,
        card_number=card_number,
        device_id=device.id,
        public_key=public_key,
        expanded_key=expand_public_key(public_key),
        registered_at=now,
        # Whoever has the phone's token can register a key: beside contacts it is new, and proves nothing yet.
        stands_at=stands_from(now, is_first=not await list_contacts(conn, device.member_id)),
        revoked_at=None,
    )
    await _replace_key(conn, key, now)
    signing_key = await ensure_signing_key(conn, keyring, device.program_id, now)
    return await certify(conn, keyring, signing_key, device.member_id, public_key, now)


async def renew(conn: Connection, keyring: Keyring, device: Device, now: datetime) -> CardCertificate:
    """Another certificate for this device's live key. Raises Problem where the card is on no phone or another one."""
    key = await card_keys_repository.find_live_key(conn, device.member_id)
    if key is None or key.device_id != device.id:
        raise Problem("card-key-missing", "The card is not on this phone (any more): make a new key and register it.")
    signing_key = await ensure_signing_key(conn, keyring, device.program_id, now)
    return await certify(conn, keyring, signing_key, device.member_id, key.public_key, now)


async def _replace_key(conn: Connection, key: CardKey, now: datetime) -> None:
    for known in await card_keys_repository.list_keys_of_member(conn, key.member_id):
        if known.serial == key.serial:
            if known.revoked_at is not None or known.device_id != key.device_id:
                raise _unusable("used_before", "Make a new key pair: this one was replaced, or is another device's.")
            return
    live = await card_keys_repository.find_live_key(conn, key.member_id)
    if live is not None:
        await card_keys_repository.revoke_card_key(conn, live, "replaced", now)
    await card_keys_repository.create_card_key(conn, key)


def _unusable(reason: str, detail: str) -> Problem:
    return Problem("card-key-unusable", detail, reason=reason)
