"""A device's locate token: for a location client that should hold no more than it needs. Pure.

It is derived from the device's own token, not stored: HMAC-SHA256 over the stored hash of that token, under a key of
the installation for this device. So it is the same each time it is asked for, it is compared in the batch's own read,
and it ends with the token that it was derived from: within the hour after a rotation, at once with the device.
"""

import hmac
from datetime import datetime

from ids import DeviceId, MemberId
from kit.ids import digest
from kit.sealing import Keyring
from members.device_tokens import DeviceTokens, list_valid_hashes
from server.web.tokens import LocateToken


def locate_key(keyring: Keyring, member_id: MemberId, device_id: DeviceId) -> bytes:
    return keyring.mac("locate-token", member_id.bytes + device_id.bytes)


def make_locate_token(keyring: Keyring, member_id: MemberId, device_id: DeviceId, token_hash: bytes) -> LocateToken:
    key = locate_key(keyring, member_id, device_id)
    return LocateToken(member_id, device_id, hmac.digest(key, token_hash, "sha256"))


def is_locate_token_valid(tokens: DeviceTokens, key: bytes, secret_hash: bytes, now: datetime) -> bool:
    """Whether the hash is that of a locate token of the device that has these tokens."""
    derived = [digest(hmac.digest(key, token_hash, "sha256")) for token_hash in list_valid_hashes(tokens, now)]
    return any(hmac.compare_digest(valid, secret_hash) for valid in derived)
