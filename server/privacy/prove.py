"""`prove`: it is the member who asks for an export or an erasure, and they ask now (docs/decisions/0019).

A member with a contact proves it with a code that was sent there for this purpose; a member without a contact, with the
rotating code that the card shows now. Where no phone makes codes, the device's token is the only proof.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from cards import card_keys_repository
from channels.messages import ChannelKind
from ids import MemberId, VerificationId
from kit.database import Connection
from kit.sealing import Keyring
from members import handles_repository
from members.contacts import Contact, ContactKind, unseal_contact
from members.device import Device
from members.verification import VerificationPurpose
from server.accounts.send_code import CHANNEL_OF, CodeRequest, Verification, check_code, require_channel, send_code
from server.credentials.prove_card import prove_card
from server.problems import CommittedRefusal, Problem

DataPurpose = Literal["export", "erasure"]


class Proof(msgspec.Struct, frozen=True):
    """`code_id` and `code`: what was sent to a contact. `card_code`: what the card shows now."""

    code_id: VerificationId | None = None
    code: str | None = None
    card_code: str | None = None


async def send_data_code(
    conn: Connection,
    keyring: Keyring,
    channels: Collection[ChannelKind],
    request: CodeRequest,
    kind: ContactKind | None,
    now: datetime,
) -> Verification:
    """To the member's contact of that kind; None takes the phone number, else the e-mail address.

    Raises Problem; then no code is sent.
    """
    contact = _choose(await handles_repository.list_contacts(conn, request.member_id), kind, channels)
    require_channel(channels, contact.kind)
    value = unseal_contact(keyring, request.program_id, contact)
    return await send_code(conn, keyring, request, contact, value, now)


async def prove(
    conn: Connection, keyring: Keyring, device: Device, purpose: DataPurpose, proof: Proof, now: datetime
) -> CommittedRefusal | None:
    """A CommittedRefusal keeps the attempt that was counted; a Problem that is raised rolls it back."""
    contacts = await handles_repository.list_contacts(conn, device.member_id)
    if contacts:
        return await prove_by_code(conn, keyring, device.member_id, purpose, proof, now)
    key = await card_keys_repository.find_live_key(conn, device.member_id)
    if key is not None:
        if proof.card_code is None:
            raise Problem("proof-required", "Send the code that the card shows now.", proof="card_code")
        await prove_card(conn, key, proof.card_code, now)
    return None


async def prove_by_code(
    conn: Connection, keyring: Keyring, member_id: MemberId, purpose: VerificationPurpose, proof: Proof, now: datetime
) -> CommittedRefusal | None:
    """As `prove`, for a member who must have a contact."""
    if proof.code_id is None or proof.code is None:
        raise Problem("proof-required", "Have a code sent to the member's contact, and send it.", proof="code")
    attempt = await check_code(conn, keyring, member_id, proof.code_id, proof.code, purpose, now)
    if isinstance(attempt, CommittedRefusal):
        return attempt
    contacts = await handles_repository.list_contacts(conn, member_id)
    if attempt.value_hash not in {contact.value_hash for contact in contacts}:
        return CommittedRefusal(
            Problem(
                "verification-expired",
                "Ask for a new code: this one was sent to a contact that is no longer the member's.",
            )
        )
    return None


def _choose(contacts: Sequence[Contact], kind: ContactKind | None, channels: Collection[ChannelKind]) -> Contact:
    """One for which a channel is configured, if there is one."""
    fitting = [contact for contact in contacts if kind in (None, contact.kind)]
    if not fitting:
        raise Problem("contact-not-found", "Name another kind; a member without contacts sends the code of their card.")
    fitting.sort(key=lambda contact: (CHANNEL_OF[contact.kind] not in channels, contact.kind != "phone"))
    return fitting[0]
