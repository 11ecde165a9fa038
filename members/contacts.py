"""A phone number or e-mail address: from what a person typed to what is stored, and back. Pure.

Stored are a keyed hash, to find its member, and the value sealed, to write to it.
"""

from datetime import datetime
from typing import Literal

import msgspec

from ids import ProgramId
from kit.sealing import Keyring
from members.email_addresses import parse_email_address
from members.handles import hash_handle
from members.phone_numbers import parse_phone_number

ContactKind = Literal["phone", "email"]

_PURPOSE = "contact"


class Contact(msgspec.Struct, frozen=True):
    """A phone number or e-mail address that its member has confirmed."""

    kind: ContactKind
    value_hash: bytes
    sealed_value: bytes


class HeldContact(Contact, frozen=True):
    """A member's; from `stands_at` on it proves them (members.standing)."""

    stands_at: datetime

    def stands(self, now: datetime) -> bool:
        return self.stands_at <= now


def parse_contact(kind: ContactKind, text: str, region: str) -> str:
    """The one form of it. Raises UnusableContact."""
    return parse_phone_number(text, region) if kind == "phone" else parse_email_address(text)


def seal_contact(keyring: Keyring, program_id: ProgramId, kind: ContactKind, value: str) -> Contact:
    value_hash = hash_handle(keyring, kind, value)
    return Contact(kind, value_hash, keyring.seal(_PURPOSE, program_id.bytes + value_hash, value.encode()))


def unseal_contact(keyring: Keyring, program_id: ProgramId, contact: Contact) -> str:
    return keyring.unseal(_PURPOSE, program_id.bytes + contact.value_hash, contact.sealed_value).decode()
