"""What a browser holds to get its card back once it has lost what scripts have kept: the text of a cookie. Pure.

It is the member's id and a secret of which only the SHA-256 is stored. It gives the member a new device, once more and
again, and nothing else; it ends with the device that it stands for.
"""

from datetime import timedelta
from uuid import UUID

import msgspec

from ids import MemberId
from kit.ids import SECRET_BYTES, digest, from_text, to_text

# As long as browsers keep a cookie at most (RFC 6265bis, 5.5).
LIFE = timedelta(days=400)


class RecoverySecret(msgspec.Struct, frozen=True):
    member_id: MemberId
    secret: bytes

    @property
    def secret_hash(self) -> bytes:
        return digest(self.secret)


def write_recovery_secret(held: RecoverySecret) -> str:
    return to_text(held.member_id.bytes + held.secret)


def read_recovery_secret(text: str) -> RecoverySecret | None:
    """None for what is none."""
    try:
        raw = from_text(text)
    except ValueError:
        return None
    if len(raw) != 16 + SECRET_BYTES:
        return None
    return RecoverySecret(MemberId(UUID(bytes=raw[:16])), raw[16:])
