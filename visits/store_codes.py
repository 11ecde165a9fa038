"""The codes by which a member shows that they are at a store: its printed QR, and what its display shows. Pure.

    printed   N1S + base32(store_id 16 B, generation 2 B, MAC 14 B)            55 characters
    display   N1D + base32(store_id 16 B, generation 2 B, step 4 B, MAC 14 B)  61 characters

Numbers are big-endian, base32 is RFC 4648 without padding, a MAC is HMAC-SHA256 (RFC 2104) cut to 14 bytes. The printed
one's key never leaves the server. A display gets a key of its own, made for one store and generation, and computes

    MAC = HMAC-SHA256(display key, generation 2 B, step 4 B)

with the number of the half minute since 1970, so it needs a clock and no network. Both keys are derived from the
installation's secret: nothing is stored but the generations, and the next one ends the codes of the one before.
"""

import hmac
from base64 import b32decode, b32encode
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from ids import StoreId
from kit.scanned_text import clean_scanned
from kit.sealing import Keyring

STEP_S = 30
SKEW_STEPS = 1
_MAC_BYTES = 14
_PRINTED, _DISPLAY = "N1S", "N1D"
_PURPOSE = "store-qr"

CodeFault: TypeAlias = Literal["unknown", "renewed", "old", "early"]


class StoreCode(msgspec.Struct, frozen=True):
    """As it was read: nothing in it is to be believed yet. `step` None: the printed one."""

    store_id: StoreId
    generation: int
    step: int | None
    mac: bytes


class Generations(msgspec.Struct, frozen=True):
    """Those that a store's codes are of now. `display` 0: the store has no display."""

    printed: int
    display: int


def _step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP_S


def derive_display_key(keyring: Keyring, store_id: StoreId, generation: int) -> bytes:
    """What a display is handed: 32 bytes."""
    return keyring.mac("store-display", store_id.bytes + generation.to_bytes(2))


def make_printed_code(keyring: Keyring, store_id: StoreId, generation: int) -> str:
    head = store_id.bytes + generation.to_bytes(2)
    return _PRINTED + _encode(head + keyring.mac(_PURPOSE, head)[:_MAC_BYTES])


def read_store_code(text: str) -> StoreCode | None:
    """None for what is no code of a store at all."""
    body = clean_scanned(text).upper()
    prefix, encoded = body[:3], body[3:]
    length = {_PRINTED: 32, _DISPLAY: 36}.get(prefix)
    if length is None or len(encoded) != -(-length * 8 // 5):
        return None
    try:
        raw = b32decode(encoded + "=" * (-len(encoded) % 8))
    except ValueError:
        return None
    if len(raw) != length or _encode(raw) != encoded:  # the last character carries bits that mean nothing
        return None
    step = int.from_bytes(raw[18:22]) if prefix == _DISPLAY else None
    return StoreCode(StoreId(UUID(bytes=raw[:16])), int.from_bytes(raw[16:18]), step, raw[-_MAC_BYTES:])


def judge_store_code(keyring: Keyring, code: StoreCode, now_of: Generations, now: datetime) -> CodeFault | None:
    """Why the code is not to be taken; None for a good one. `now_of`: the generations of the store that it names.

    `unknown`: not made by us. `renewed`, `old` and `early` are said only of codes that we made.
    """
    if not hmac.compare_digest(code.mac, _expected_mac(keyring, code)):
        return "unknown"
    if code.generation != (now_of.printed if code.step is None else now_of.display):
        return "renewed"
    if code.step is None:
        return None
    ahead = code.step - _step_of(now)
    if ahead < -SKEW_STEPS:
        return "old"
    return "early" if ahead > SKEW_STEPS else None


def _expected_mac(keyring: Keyring, code: StoreCode) -> bytes:
    generation = code.generation.to_bytes(2)
    if code.step is None:
        return keyring.mac(_PURPOSE, code.store_id.bytes + generation)[:_MAC_BYTES]
    key = derive_display_key(keyring, code.store_id, code.generation)
    return _display_mac(key, generation + code.step.to_bytes(4))


def _display_mac(display_key: bytes, message: bytes) -> bytes:
    return hmac.digest(display_key, message, "sha256")[:_MAC_BYTES]


def _encode(raw: bytes) -> str:
    return b32encode(raw).rstrip(b"=").decode()
