"""What an e-mail carries by which it is known again: its Message-ID, where it comes back to, and its links. Pure.

All of it is signed, since whoever gets an e-mail can write one: without our key nobody has somebody else's address
taken off, and no link leads anywhere but where we wrote it to.
"""

import base64
import hmac
from typing import Literal
from uuid import UUID

import msgspec

from ids import MemberId
from kit.sealing import Keyring, Unsealable

_MAC = 10
TAG_BYTES = 4
_MESSAGE_BYTES = 16 + 16 + TAG_BYTES
_RETURN_BYTES = 16 + TAG_BYTES
# What one of our links is for.
LinkPurpose = Literal["unsubscribe", "opt-in", "click", "open"]


class MailOrigin(msgspec.Struct, frozen=True):
    """Whose e-mail it is. `address_tag`: the beginning of the keyed hash of the address that it went to, so that a
    report of a former one is told apart.

    `message_id`: None where a report tells only where the e-mail was to come back to.
    """

    member_id: MemberId
    address_tag: bytes
    message_id: UUID | None


class Link(msgspec.Struct, frozen=True, array_like=True):
    """`address_tag` as in MailOrigin. `message_id`, `url`: of a click and an opening only."""

    purpose: LinkPurpose
    member_id: MemberId
    address_tag: bytes
    message_id: UUID | None = None
    url: str | None = None


def make_message_id(keyring: Keyring, origin: MailOrigin, domain: str) -> str:
    assert origin.message_id is not None
    plain = origin.member_id.bytes + origin.message_id.bytes + origin.address_tag
    return f"<{_write(plain + _sign(keyring, 'message', plain))}@{domain}>"


def read_message_id(keyring: Keyring, text: str) -> MailOrigin | None:
    """None where it is not one of ours."""
    plain = _read_signed(keyring, "message", text.strip().strip("<>").partition("@")[0], _MESSAGE_BYTES)
    if plain is None:
        return None
    return MailOrigin(MemberId(UUID(bytes=plain[:16])), plain[32:], UUID(bytes=plain[16:32]))


def make_return_address(keyring: Keyring, origin: MailOrigin, address: str) -> str:
    """`bounces@mail.example` with what tells who it was for (VERP); its local part stays below 64 characters."""
    plain = origin.member_id.bytes + origin.address_tag
    local, _, domain = address.rpartition("@")
    return f"{local}+{_write(plain + _sign(keyring, 'return', plain))}@{domain}"


def read_return_address(keyring: Keyring, address: str) -> MailOrigin | None:
    plain = _read_signed(keyring, "return", address.rpartition("@")[0].rpartition("+")[2], _RETURN_BYTES)
    return None if plain is None else MailOrigin(MemberId(UUID(bytes=plain[:16])), plain[16:], None)


def seal_link(keyring: Keyring, link: Link) -> str:
    """Opaque: it tells nobody on the way whose it is, or where it leads."""
    sealed = keyring.seal("mail-link", link.purpose.encode(), msgspec.msgpack.encode(link))
    return _write_link(sealed)


def unseal_link(keyring: Keyring, purpose: LinkPurpose, text: str) -> Link | None:
    """None where we did not write it, or for another purpose."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if text != _write_link(sealed):  # the decoder passes over more than we write
            return None
        link = msgspec.msgpack.decode(keyring.unseal("mail-link", purpose.encode(), sealed), type=Link)
    except (ValueError, Unsealable, msgspec.DecodeError):
        return None
    return link if link.purpose == purpose else None


def _write_link(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _sign(keyring: Keyring, purpose: str, plain: bytes) -> bytes:
    return keyring.mac(f"mail-{purpose}", plain)[:_MAC]


def _write(plain: bytes) -> str:
    """Base32 in small letters: mail servers may change the case of an address."""
    return base64.b32encode(plain).rstrip(b"=").decode().lower()


def _read_signed(keyring: Keyring, purpose: str, text: str, size: int) -> bytes | None:
    try:
        both = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return None
    plain, mac = both[:size], both[size:]
    return plain if len(plain) == size and hmac.compare_digest(mac, _sign(keyring, purpose, plain)) else None
