"""Certificates: the program's word that a phone's key belongs to a member's card, for a month. Pure.

docs/card-code.md specifies every byte. The phone makes a P-256 key, which its secure hardware can hold; the program
signs with Ed25519 (RFC 8032), so that a till needs public keys only.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ids import DeviceId, MemberId

VERSION = 1
KEY_ID_BYTES = 2
SERIAL_BYTES = 16
POINT_BYTES = 33
EXPANDED_KEY_BYTES = 65
SIGNATURE_BYTES = 64
CERTIFICATE_BYTES = 1 + KEY_ID_BYTES + 16 + 2 + POINT_BYTES + SIGNATURE_BYTES
LIFE = timedelta(days=30)
# A phone asks for the next one so long before the end: it may be without signal for days.
RENEW_BEFORE = timedelta(days=15)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIGNED = b"noren-card-certificate-1\0"
_PROVED = b"noren-card-key-1\0"
# As SEC 1 begins a point: its second half is even (the next number: odd), or stands there in full.
_COMPRESSED_EVEN = 2
_UNCOMPRESSED = 4


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """`public_key` is the phone's: a compressed point of P-256 (SEC 1), 33 bytes. Days count from 1970-01-01 UTC."""

    key_id: bytes
    member_id: MemberId
    expires_day: int
    public_key: bytes
    signature: bytes

    @property
    def serial(self) -> bytes:
        return make_serial(self.member_id, self.public_key)

    @property
    def expires_at(self) -> datetime:
        return _EPOCH + timedelta(days=self.expires_day)

    @property
    def body(self) -> bytes:
        """What the program signs, without the prefix."""
        head = bytes([VERSION]) + self.key_id + self.member_id.bytes
        return head + self.expires_day.to_bytes(2) + self.public_key

    def to_bytes(self) -> bytes:
        return self.body + self.signature


def make_serial(member_id: MemberId, public_key: bytes) -> bytes:
    """Names one phone's key on one member's card, through all renewals; in no certificate, since it can be computed."""
    return hashlib.sha256(member_id.bytes + public_key).digest()[:SERIAL_BYTES]


def issue_certificate(
    signing_key: Ed25519PrivateKey, key_id: bytes, member_id: MemberId, public_key: bytes, now: datetime
) -> Certificate:
    expires_day = (now + LIFE - _EPOCH).days
    bare = Certificate(
        key_id=key_id, member_id=member_id, expires_day=expires_day, public_key=public_key, signature=b""
    )
    return msgspec.structs.replace(bare, signature=signing_key.sign(_SIGNED + bare.body))


def hash_certificate(certificate: bytes) -> bytes:
    return hashlib.sha256(certificate).digest()


def read_certificate(raw: bytes) -> Certificate | None:
    """None for another version or length. Says nothing of the signature."""
    if len(raw) != CERTIFICATE_BYTES or raw[0] != VERSION:
        return None
    return Certificate(
        key_id=raw[1:3],
        member_id=MemberId(UUID(bytes=raw[3:19])),
        expires_day=int.from_bytes(raw[19:21]),
        public_key=raw[21:54],
        signature=raw[54:],
    )


def is_signed_by(certificate: Certificate, signing_public_key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(signing_public_key).verify(certificate.signature, _SIGNED + certificate.body)
    except InvalidSignature:
        return False
    return True


def read_public_key(point: bytes) -> bytes | None:
    """A point of P-256 as SEC 1 writes it, compressed (33 bytes) or not (65 bytes), as a compressed one; else None."""
    key = _load_point(point)
    return None if key is None else key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def expand_public_key(public_key: bytes) -> bytes:
    """A compressed point of P-256 as one that is not. Raises ValueError where it is none."""
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def proof_message(member_id: MemberId, device_id: DeviceId, public_key: bytes) -> bytes:
    """What a phone signs to prove that it holds the private key; `public_key` compressed.

    It names the device, so a proof that was overheard serves nobody else, and needs no clock.
    """
    return _PROVED + member_id.bytes + device_id.bytes + public_key


def is_signed_by_phone(public_key: bytes, message: bytes, signature: bytes, expanded_key: bytes | None = None) -> bool:
    """ECDSA with SHA-256; the signature is r and s, 32 bytes each (IEEE P1363).

    `expanded_key`: the same point written in full, if it is known. To find its second half takes a square root, a
    fifth of what the signature takes.
    """
    if expanded_key is not None and _is_expanded(public_key, expanded_key):
        public_key = expanded_key
    key = _load_point(public_key)
    if key is None or len(signature) != SIGNATURE_BYTES:
        return False
    der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    try:
        key.verify(der, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _is_expanded(public_key: bytes, expanded_key: bytes) -> bool:
    """Whether they are one point, if the second is one of the curve at all: its first half, and which of two it is."""
    return (
        len(expanded_key) == EXPANDED_KEY_BYTES
        and expanded_key[0] == _UNCOMPRESSED
        and expanded_key[1:33] == public_key[1:]
        and public_key[0] == _COMPRESSED_EVEN + expanded_key[-1] % 2
    )


def _load_point(point: bytes) -> EllipticCurvePublicKey | None:
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        return None
