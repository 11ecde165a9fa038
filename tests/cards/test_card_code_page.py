"""docs/card-code.md is enough: a reader that was written from the page alone, with none of our code, agrees with ours.

And the page, the vectors and the code are one.
"""

import hashlib
import json
import struct
from datetime import datetime
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256

from devtools.card import vectors

VECTORS: dict[str, Any] = json.loads(vectors.VECTORS.read_text(encoding="utf-8"))


def bytes_of(digits: str) -> bytes | None:
    """Section 3."""
    raw = b""
    while digits:
        piece, digits = digits[:17], digits[17:]
        size = {17: 7, 3: 1, 5: 2, 8: 3, 10: 4, 13: 5, 15: 6}.get(len(piece))
        if size is None or int(piece) >= 256**size:
            return None
        raw += int(piece).to_bytes(size, "little")
    return raw


def is_right_p256(point: bytes, message: bytes, signature: bytes) -> bool:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def is_right_ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def verdict_of(digits: str, at: datetime) -> str:
    """Section 4, without the two lists."""
    raw = bytes_of(digits) if len(digits) == 452 else None
    if raw is None or raw[0] != 1:
        return "not_a_code"
    if raw[1:3].hex() != VECTORS["program"]["key_id"]:
        return "foreign_program"
    program = bytes.fromhex(VECTORS["program"]["public_key"])
    if not is_right_ed25519(program, b"noren-card-certificate-1\0" + raw[:54], raw[54:118]):
        return "forged"
    if not is_right_p256(raw[21:54], b"noren-card-code-1\0" + raw[:122], raw[122:]):
        return "forged"
    (day,), (step,) = struct.unpack(">H", raw[19:21]), struct.unpack(">I", raw[118:122])
    second = int(at.timestamp())
    if second >= day * 86_400:
        return "expired"
    if step < second // 30 - 1:
        return "old"
    return "early" if step > second // 30 + 1 else "good"


@pytest.mark.parametrize("case", VECTORS["judged"], ids=[case["case"] for case in VECTORS["judged"]])
def test_a_reader_from_the_page_alone_agrees(case: dict[str, str]) -> None:
    assert verdict_of(case["digits"], datetime.fromisoformat(case["at"])) == case["verdict"]


def test_every_verdict_that_the_page_lists_has_a_vector() -> None:
    told = {case["verdict"] for case in VECTORS["judged"]}
    assert told == {"good", "not_a_code", "foreign_program", "forged", "expired", "old", "early"}


def test_the_registration_follows_the_page() -> None:
    phone = VECTORS["phone"]
    ids = (phone[name].replace("-", "") for name in ("member_id", "device_id"))
    message = b"noren-card-key-1\0" + b"".join(bytes.fromhex(each) for each in ids) + bytes.fromhex(phone["public_key"])
    assert message.hex() == phone["proof_message"]
    assert is_right_p256(bytes.fromhex(phone["public_key"]), message, bytes.fromhex(phone["proof"]))


def test_the_serial_follows_the_page() -> None:
    raw = bytes.fromhex(VECTORS["certificate"]["bytes"])
    assert hashlib.sha256(raw[3:19] + raw[21:54]).digest()[:16].hex() == VECTORS["certificate"]["serial"]


@pytest.mark.parametrize("sample", VECTORS["digits"], ids=[each["bytes"] for each in VECTORS["digits"]])
def test_the_digits_follow_the_page(sample: dict[str, str]) -> None:
    assert bytes_of(sample["digits"]) == bytes.fromhex(sample["bytes"])


def test_page_vectors_and_code_are_one() -> None:
    """If not: python -m devtools.card.vectors"""
    assert vectors.VECTORS.read_text(encoding="utf-8") == vectors.write_vectors()
    page = vectors.PAGE.read_text(encoding="utf-8")
    assert page == vectors.put_in(page)
    assert VECTORS["code"]["digits"][:68] in page
