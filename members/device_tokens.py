"""Which token hashes a device accepts: its own, and within the hour after a rotation its former one. Pure."""

import hmac
from datetime import datetime

import msgspec


class DeviceTokens(msgspec.Struct, frozen=True):
    """SHA-256 hashes. `former_token_until` is None where there is no former token."""

    token_hash: bytes
    former_token_hash: bytes | None = None
    former_token_until: datetime | None = None


def list_valid_hashes(tokens: DeviceTokens, now: datetime) -> list[bytes]:
    former, until = tokens.former_token_hash, tokens.former_token_until
    is_former_valid = former is not None and until is not None and until > now
    return [tokens.token_hash, former] if is_former_valid and former is not None else [tokens.token_hash]


def is_token_valid(tokens: DeviceTokens, token_hash: bytes, now: datetime) -> bool:
    return any(hmac.compare_digest(valid, token_hash) for valid in list_valid_hashes(tokens, now))
