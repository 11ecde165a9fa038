"""A program's signing keys, and the certificates that they sign: what several flows share."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from cards import card_keys_repository, signing_keys_repository
from cards.certificates import RENEW_BEFORE, issue_certificate, make_serial
from cards.signing_keys import SIGNS_AFTER, SigningKey, current_key, make_signing_key, open_signing_key
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.ids import to_text
from kit.sealing import Keyring
from server.problems import not_found


class CardCertificate(msgspec.Struct, frozen=True):
    """The program's signature over the phone's key, with which the phone makes the card's codes (docs/card-code.md)."""

    serial: str
    """It names the phone's key on this card, through all renewals; Base64url of 16 bytes."""
    certificate: str
    """118 bytes as Base64url."""
    expires_at: datetime
    """Until when codes made with this certificate are accepted."""
    renew_from: datetime
    """From then on, get the next certificate as soon as the phone is online."""


async def ensure_signing_key(conn: Connection, keyring: Keyring, program_id: ProgramId, now: datetime) -> SigningKey:
    """The key that signs now; made where there is none. Two calls at once may make two: one succeeds the other."""
    keys = await _list(conn, program_id)
    key = current_key(keys, now)
    if key is None:
        key = await _create(conn, keyring, program_id, keys, now, timedelta(0))
    return key


async def add_signing_key(conn: Connection, keyring: Keyring, program_id: ProgramId, now: datetime) -> SigningKey:
    """The next key. It signs after a day, or at once where there is no other."""
    keys = await _list(conn, program_id)
    wait = SIGNS_AFTER if current_key(keys, now) else timedelta(0)
    return await _create(conn, keyring, program_id, keys, now, wait)


async def revoke_signing_key(
    conn: Connection, keyring: Keyring, program_id: ProgramId, key_id: bytes, now: datetime
) -> None:
    """Its certificates are refused: at once online, after the next sync offline. Raises Problem.

    Phones get a new certificate by another key when they renew.
    """
    if not await signing_keys_repository.revoke_signing_key(conn, program_id, key_id, now):
        raise not_found("signing key")
    await ensure_signing_key(conn, keyring, program_id, now)


async def certify(
    conn: Connection, keyring: Keyring, key: SigningKey, member_id: MemberId, public_key: bytes, now: datetime
) -> CardCertificate:
    """`public_key` is the phone's, a compressed point of P-256, and registered."""
    certificate = issue_certificate(open_signing_key(keyring, key), key.key_id, member_id, public_key, now)
    await card_keys_repository.note_certificate(conn, certificate)
    return CardCertificate(
        to_text(make_serial(member_id, public_key)),
        to_text(certificate.to_bytes()),
        certificate.expires_at,
        certificate.expires_at - RENEW_BEFORE,
    )


async def _list(conn: Connection, program_id: ProgramId) -> Sequence[SigningKey]:
    return (await signing_keys_repository.list_signing_keys(conn, [program_id]))[program_id]


async def _create(
    conn: Connection,
    keyring: Keyring,
    program_id: ProgramId,
    keys: Sequence[SigningKey],
    now: datetime,
    wait: timedelta,
) -> SigningKey:
    key = make_signing_key(keyring, program_id, {each.key_id for each in keys}, now, now + wait)
    await signing_keys_repository.create_signing_key(conn, key)
    return key
