"""`prove`: it is the member who asks for their data or for its end, and they ask now (docs/decisions/0019).

Whoever has a contact proves with a code that was sent there for this very purpose. Without a contact, with the card's
rotating code that its phone makes now. Where no phone makes codes, the device's token is all that there is.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from cards import card_keys_repository, signing_keys_repository
from cards.card_key import CardKey
from cards.rotating_codes import Refusal, judge_code, read_code
from cards.signing_keys import trusted_keys
from channels.messages import ChannelKind, Wording
from kit.database import Connection
from kit.locales import Locale
from kit.sealing import Keyring
from members import handles_repository
from members.contacts import Contact, ContactKind, unseal_contact
from members.device import Device
from members.verification import VerificationPurpose
from server.accounts.send_code import CHANNEL_OF, Asked, Claimed, judge_typed_code, require_channel, send_code
from server.problems import Problem

DataPurpose = Literal["export", "erasure"]


class Proof(msgspec.Struct, frozen=True):
    """`code_id` and `code`: what was sent to a contact. `card_code`: what the card shows now."""

    code_id: UUID | None = None
    code: str | None = None
    card_code: str | None = None


class CodeWish(msgspec.Struct, frozen=True):
    """Whose code, and to which of their contacts: None takes the phone number, else the e-mail address."""

    member_id: UUID
    program_id: UUID
    locale: Locale
    purpose: DataPurpose
    wording: Wording
    kind: ContactKind | None


async def send_data_code(
    conn: Connection, keyring: Keyring, channels: Collection[ChannelKind], wish: CodeWish, now: datetime
) -> Claimed:
    """Raises Problem; then no code goes out."""
    contact = _choose(await handles_repository.list_contacts(conn, wish.member_id), wish.kind, channels)
    require_channel(channels, contact.kind)
    asked = Asked(wish.member_id, wish.program_id, wish.locale, wish.purpose, wish.wording)
    return await send_code(conn, keyring, asked, contact, unseal_contact(keyring, wish.program_id, contact), now)


async def prove(
    conn: Connection, keyring: Keyring, device: Device, purpose: DataPurpose, proof: Proof, now: datetime
) -> Problem | None:
    """A Problem that is returned is to be committed with what was counted; one that is raised leaves nothing behind."""
    contacts = await handles_repository.list_contacts(conn, device.member_id)
    if contacts:
        return await prove_by_code(conn, keyring, device.member_id, purpose, proof, now)
    key = await card_keys_repository.find_live_key(conn, device.member_id)
    if key is not None:
        await _prove_by_card(conn, key, proof, now)
    return None


async def prove_by_code(
    conn: Connection, keyring: Keyring, member_id: UUID, purpose: VerificationPurpose, proof: Proof, now: datetime
) -> Problem | None:
    """As `prove`, for somebody who must have a contact."""
    if proof.code_id is None or proof.code is None:
        raise Problem("proof-required", "Have a code sent to the member's contact, and send it.", proof="code")
    judged = await judge_typed_code(conn, keyring, member_id, proof.code_id, proof.code, purpose, now)
    if isinstance(judged, Problem):
        return judged
    contacts = await handles_repository.list_contacts(conn, member_id)
    if judged.value_hash not in {contact.value_hash for contact in contacts}:
        return Problem(
            "verification-expired", "Ask for a new code: this one went to a contact that is the member's no more."
        )
    return None


async def _prove_by_card(conn: Connection, key: CardKey, proof: Proof, now: datetime) -> None:
    if proof.card_code is None:
        raise Problem("proof-required", "Send the code that the card shows now.", proof="card_code")
    code = read_code(proof.card_code)
    if code is None:
        raise Problem("invalid-request", "Send the digits of the card's code.")
    signing = await signing_keys_repository.list_signing_keys(conn, {key.program_id})
    refusal: Refusal | None = judge_code(code, trusted_keys(signing[key.program_id], now), now)
    if refusal is None and (code.certificate.member_id, code.certificate.serial) != (key.member_id, key.serial):
        refusal = "revoked"
    if refusal is None and not await card_keys_repository.prove_step(conn, key.member_id, key.serial, code.step):
        refusal = "replayed"
    if refusal is not None:
        raise Problem("card-code-refused", "Send the code that the card on this phone makes now.", reason=refusal)


def _choose(contacts: Sequence[Contact], kind: ContactKind | None, channels: Collection[ChannelKind]) -> Contact:
    """One that can be written to, if there is one."""
    fitting = [contact for contact in contacts if kind in (None, contact.kind)]
    if not fitting:
        raise Problem(
            "contact-not-found", "Name another kind; a member without contacts proves themselves by the card."
        )
    fitting.sort(key=lambda contact: (CHANNEL_OF[contact.kind] not in channels, contact.kind != "phone"))
    return fitting[0]
