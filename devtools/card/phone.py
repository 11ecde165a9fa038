"""The reference phone: it holds a key, and makes codes without a line. An app does the same in its secure hardware."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cards.certificates import proof_message
from cards.rotating_codes import message_to_sign, step_of, write_code
from ids import DeviceId, MemberId
from kit.ids import from_text, to_text


class IssuedCertificate(msgspec.Struct, frozen=True):
    """The answer of POST /v1/me/card/key and of GET /v1/me/card/certificate."""

    serial: str
    certificate: str
    expires_at: datetime
    renew_from: datetime


class ReferencePhone:
    """`ahead` is what the phone knows of its own clock: its time less the server's, from a Date header."""

    def __init__(self, member_id: MemberId, device_id: DeviceId, key: EllipticCurvePrivateKey | None = None) -> None:
        self.certificate = b""
        self.ahead = timedelta(0)
        self.member_id = member_id
        self.device_id = device_id
        self._key = key or generate_private_key(SECP256R1())

    @property
    def public_key(self) -> bytes:
        """Compressed, as it stands in the certificate."""
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    def registration(self) -> dict[str, Any]:
        """The body of POST /v1/me/card/key. The point may be sent uncompressed, as iOS and Android export it."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        proof = self.sign(proof_message(self.member_id, self.device_id, self.public_key))
        return {"public_key": to_text(point), "proof": to_text(proof)}

    def accept(self, answer: IssuedCertificate) -> None:
        self.certificate = from_text(answer.certificate)

    def make_code(self, now: datetime) -> str:
        """`now` by the phone's own clock."""
        return self.make_code_of_step(step_of((now - self.ahead).astimezone(UTC)))

    def make_code_of_step(self, step: int) -> str:
        return write_code(self.certificate, step, self.sign(message_to_sign(self.certificate, step)))

    def sign(self, message: bytes) -> bytes:
        """r and s, 32 bytes each. Deterministic (RFC 6979) for the sake of the test vectors; a phone need not be."""
        r, s = decode_dss_signature(self._key.sign(message, ECDSA(SHA256(), deterministic_signing=True)))
        return r.to_bytes(32) + s.to_bytes(32)
