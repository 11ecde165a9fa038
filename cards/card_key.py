"""The key with which a phone makes the codes of a card, and its revocation. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from cards.card import ShownCard
from cards.certificates import hash_certificate
from ids import DeviceId, MemberId, ProgramId

RevocationCause = Literal["replaced", "lost", "signed_out", "blocked", "closed"]


class CardKey(msgspec.Struct, frozen=True, kw_only=True):
    """`public_key` is a compressed point of P-256, `expanded_key` the same one in full. From `stands_at` on its codes
    prove the member to us.
    `certificate_hash`: of the newest certificate that we have signed for it.
    """

    member_id: MemberId
    serial: bytes
    program_id: ProgramId
    card_number: str
    device_id: DeviceId
    public_key: bytes
    expanded_key: bytes
    registered_at: datetime
    stands_at: datetime
    revoked_at: datetime | None
    certificate_hash: bytes | None = None

    @property
    def card(self) -> ShownCard:
        """As it is for as long as its member is active."""
        return ShownCard(self.member_id, self.program_id, self.card_number)

    def has_certificate(self, certificate: bytes) -> bool:
        """Whether it is the one that we signed last: then its signature is known to be ours."""
        return self.certificate_hash == hash_certificate(certificate)


class Revocation(msgspec.Struct, frozen=True):
    """After `expires_at` no certificate of this serial can be good, and a till may drop it."""

    serial: bytes
    expires_at: datetime


class Revocations(msgspec.Struct, frozen=True):
    """All after some number, up to `sequence`."""

    sequence: int
    listed: Sequence[Revocation]
