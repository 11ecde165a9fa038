"""A program's key and a phone with a certificate of it, for the tests of codes."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cards.certificates import issue_certificate
from cards.rotating_codes import TrustedKey
from devtools.card.phone import ReferencePhone
from ids import DeviceId, MemberId
from kit.ids import new_id

NOW = datetime(2026, 11, 21, 9, 0, 10, tzinfo=UTC)


@dataclass
class Issuer:
    """A program with one signing key."""

    key_id: bytes = b"\x00\x01"

    def __post_init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def keys(self) -> dict[bytes, TrustedKey]:
        return {self.key_id: TrustedKey(self.public, is_revoked=False)}

    def certify(self, phone: ReferencePhone, now: datetime = NOW) -> None:
        certificate = issue_certificate(self.private, self.key_id, phone.member_id, phone.public_key, now)
        phone.certificate = certificate.to_bytes()

    def phone(self, now: datetime = NOW) -> ReferencePhone:
        phone = ReferencePhone(MemberId(new_id()), DeviceId(new_id()))
        self.certify(phone, now)
        return phone
