"""The suppression list of a program, as its staff see and change it: who is texted, called and written to no more.

A number is on it whoever's it is, and gets no text or call at all. An address is on it for the member who has it, and
gets no e-mail of campaigns; codes go there all the same, since the person asks for each.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from channels.phone.account import hash_number
from channels.phone.outcomes import PhoneKind
from channels.phone.phone_accounts_repository import list_opt_outs, opt_in, opt_out
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sealing import Keyring
from members.aliases_repository import lock_owner
from members.contact_faults import UnusableContact
from members.contacts import ContactKind, parse_contact
from members.handles import hash_handle
from members.handles_repository import lock_contact
from members.suppressions_repository import lift_address, list_suppressions, suppress_address
from programs import programs_repository
from server.accounts.unusable_contacts import refuse_contact
from server.problems import Problem

_KINDS: tuple[PhoneKind, ...] = ("sms", "voice")


class SuppressedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """That a contact gets no more by a channel, and why."""

    channel: Literal["sms", "voice", "email"]
    """What it gets no more."""
    reason: Literal["staff", "reply", "key", "provider", "bounced", "complained", "unsubscribed"]
    """`staff`: you said so. `reply`: they answered STOP. `key`: they pressed 9. `provider`: it says that they have
    opted out. `bounced`: there is no such mailbox. `complained`: they call your e-mail spam. `unsubscribed`: by its
    link."""
    at: datetime
    """Since when."""


class ListedContact(msgspec.Struct, frozen=True, kw_only=True):
    """A number or address as it is looked up. `holder_id`: the member who has it; of a number it is not asked."""

    program_id: ProgramId
    kind: ContactKind
    value_hash: bytes
    holder_id: MemberId | None = None

    @property
    def key(self) -> str:
        """By which the audit trail names it: nobody learns a contact from it."""
        return self.value_hash[:8].hex()


async def find_listed(
    conn: Connection, keyring: Keyring, program_id: ProgramId, kind: ContactKind, text: str
) -> ListedContact:
    """Locks an address and its member's hold on it. Raises Problem."""
    settings = await programs_repository.find_enrolment_settings(conn, program_id)
    try:
        value = parse_contact(kind, text, settings.phone_region)
    except UnusableContact as unusable:
        raise refuse_contact(unusable.fault) from None
    if kind == "phone":
        return ListedContact(program_id=program_id, kind=kind, value_hash=hash_number(keyring, program_id, value))
    value_hash = hash_handle(keyring, kind, value)
    holder_id = await lock_contact(conn, program_id, kind, value_hash)
    return ListedContact(program_id=program_id, kind=kind, value_hash=value_hash, holder_id=holder_id)


async def read_suppressions(conn: Connection, contact: ListedContact) -> Sequence[SuppressedChannel]:
    """Oldest first."""
    if contact.kind == "phone":
        return [SuppressedChannel(**row) for row in await list_opt_outs(conn, contact.program_id, contact.value_hash)]
    if contact.holder_id is None:
        return []
    held = await list_suppressions(conn, contact.holder_id, contact.value_hash)
    return [SuppressedChannel(channel="email", reason=reason, at=at) for reason, at in held]


async def suppress(conn: Connection, contact: ListedContact, now: datetime) -> None:
    """Put there twice it is there once. Raises Problem."""
    if contact.kind == "phone":
        for kind in _KINDS:
            await opt_out(conn, contact.program_id, contact.value_hash, kind, "staff", now)
    elif contact.holder_id is None or await lock_owner(conn, contact.holder_id) != contact.holder_id:
        raise Problem("contact-not-found", "Check the address: no member of yours has it, so no e-mail goes there.")
    else:
        await suppress_address(conn, contact.holder_id, contact.program_id, contact.value_hash, "staff", now)


async def lift(conn: Connection, contact: ListedContact) -> None:
    """Whatever the reason. A consent that was withdrawn stays so, and a provider keeps a list of its own."""
    if contact.kind == "phone":
        for kind in _KINDS:
            await opt_in(conn, contact.program_id, contact.value_hash, kind)
    elif contact.holder_id is not None:
        await lift_address(conn, contact.holder_id, contact.value_hash)
