"""`prove_member`: it is the member who asks, and they ask now (docs/decisions/0019, 0029).

A member proves it with a code that was sent to a contact for this purpose, or with the rotating code that the card
shows now; of these only what has stood for a while counts (members.standing). Where there is neither contact nor key,
the device's token is the only proof.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from cards import card_keys_repository
from cards.card_key import CardKey
from cards.rotating_codes import read_code as read_card_code
from ids import MemberId, VerificationId
from kit.database import Connection
from kit.sealing import Keyring
from members import handles_repository
from members.contacts import Contact, HeldContact
from members.verification import VerificationPurpose
from members.verification_codes import read_code
from server.accounts.permits import show_permit
from server.accounts.send_code import check_code
from server.credentials.prove_card import prove_card
from server.problems import CommittedRefusal, Problem

DataPurpose = Literal["change", "export", "erasure"]


class SentCode(msgspec.Struct, frozen=True):
    """What came to a contact."""

    id: VerificationId
    code: str


class Proof(msgspec.Struct, frozen=True):
    """`codes`: what came to contacts, each to another one. `card_code`: what the card shows now.

    `staff_code`: of a permit, for a change only.
    """

    codes: Sequence[SentCode] = ()
    card_code: str | None = None
    staff_code: str | None = None


async def prove_member(
    conn: Connection, keyring: Keyring, member_id: MemberId, purpose: DataPurpose, proof: Proof, now: datetime
) -> int | CommittedRefusal:
    """How many things they have shown: none only where there is nothing to show.

    A CommittedRefusal keeps the attempt that was counted; a Problem that is raised rolls it back.
    """
    contacts = await handles_repository.list_contacts(conn, member_id)
    key = await card_keys_repository.find_live_key(conn, member_id)
    shown = await prove_by_codes(conn, keyring, member_id, purpose, proof.codes, now)
    if isinstance(shown, CommittedRefusal):
        return shown
    if proof.card_code is not None:
        await show_card(conn, key, proof.card_code, now)
        shown += 1
    if proof.staff_code is not None and purpose == "change":
        refusal = await show_permit(conn, keyring, member_id, proof.staff_code, now)
        if refusal is not None:
            return refusal
        shown += 1
    if shown == 0 and (contacts or key is not None):
        raise _what_is_missing(contacts, key, now)
    return shown


async def prove_by_codes(
    conn: Connection,
    keyring: Keyring,
    member_id: MemberId,
    purpose: VerificationPurpose,
    codes: Sequence[SentCode],
    now: datetime,
) -> int | CommittedRefusal:
    """To how many contacts they were sent; each must be the member's still."""
    shown = set()
    for sent in codes:
        attempt = await check_code(conn, keyring, member_id, sent.id, sent.code, purpose, now)
        if isinstance(attempt, CommittedRefusal):
            return attempt
        contacts = {each.value_hash: each for each in await handles_repository.list_contacts(conn, member_id)}
        contact = contacts.get(attempt.value_hash)
        if contact is None:
            detail = "Ask for a new code: this one was sent to a contact that is no longer the member's."
            return CommittedRefusal(Problem("verification-expired", detail))
        if not contact.stands(now):
            return CommittedRefusal(too_new(contact.stands_at, now))
        shown.add(contact.value_hash)
    return len(shown)


async def show_card(conn: Connection, key: CardKey | None, card_code: str, now: datetime) -> None:
    """Raises Problem."""
    if key is None:
        raise Problem("card-code-refused", "Prove it another way: no phone has that card.", reason="revoked")
    if key.stands_at > now:
        raise too_new(key.stands_at, now)
    await prove_card(conn, key, card_code, now)


async def prove_change(
    conn: Connection, keyring: Keyring, member_id: MemberId, contact: Contact, proof: Proof, now: datetime
) -> bool | CommittedRefusal:
    """Before a contact may come beside those that stood before, or in their place. False: it is the first.

    A contact that is the member's already, and is only verified again, changes nothing. Raises Problem.
    """
    require_readable(proof)
    held = await handles_repository.list_contacts(conn, member_id)
    if not held:
        return False
    if contact.value_hash in {each.value_hash for each in held}:
        return True
    shown = await prove_member(conn, keyring, member_id, "change", proof, now)
    return shown if isinstance(shown, CommittedRefusal) else True


def require_readable(proof: Proof) -> None:
    """Also where it is not looked at: an app may send the card's code along with a first contact."""
    if any(read_code(sent.code) is None for sent in proof.codes):
        raise Problem("invalid-request", "Let the person type the six digits of the code.")
    if proof.staff_code is not None and read_code(proof.staff_code) is None:
        raise Problem("invalid-request", "Let the person type the six digits of the staff's code.")
    if proof.card_code is not None and read_card_code(proof.card_code) is None:
        raise Problem("invalid-request", "Send the digits of the card's code.")


def too_new(stands_at: datetime, now: datetime) -> Problem:
    return Problem(
        "proof-too-new",
        "Use a contact that the member has had for longer, or the card's code; or wait until `stands_at`.",
        retry_after_s=int((stands_at - now).total_seconds()) + 1,
        stands_at=stands_at,
    )


def _what_is_missing(contacts: Sequence[HeldContact], key: CardKey | None, now: datetime) -> Problem:
    if any(contact.stands(now) for contact in contacts):
        return Problem("proof-required", "Have a code sent to the member's contact, and send it.", proof="code")
    if key is not None and key.stands_at <= now:
        return Problem("proof-required", "Send the code that the card shows now.", proof="card_code")
    stand_at = [contact.stands_at for contact in contacts] + ([] if key is None else [key.stands_at])
    return too_new(min(stand_at), now)
