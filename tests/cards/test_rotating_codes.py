"""What a code must withstand: every bit of it, every clock, every key that is not the right one."""

from datetime import datetime, timedelta

import msgspec
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from cards.certificates import CERTIFICATE_BYTES, LIFE, expand_public_key, read_certificate, read_public_key
from cards.digits import read_digits, write_digits
from cards.rotating_codes import (
    CODE_BYTES,
    CODE_DIGITS,
    TrustedKey,
    judge_code,
    message_to_sign,
    read_code,
    step_of,
    write_code,
)
from tests.support.card_keys import NOW, Issuer

# The prime of the curve's field: a point's mirror image has the same first half.
P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
ISSUER = Issuer()
PHONE = ISSUER.phone()
CODE = PHONE.make_code(NOW)
RAW = read_digits(CODE, CODE_BYTES)
assert RAW is not None


def judge(text: str, at: datetime = NOW, issuer: Issuer = ISSUER) -> str:
    code = read_code(text)
    return "not_a_code" if code is None else judge_code(code, issuer.keys, at) or "good"


def test_a_fresh_code_is_good_and_fits_a_qr_of_version_10() -> None:
    assert judge(CODE) == "good"
    assert judge(f" {CODE}\n") == "good"
    assert (CODE_BYTES, CODE_DIGITS, len(CODE)) == (186, 452, 452)
    qr = segno.make_qr(CODE, error="m", boost_error=False)
    assert (qr.designator, qr.mode) == ("10-M", "numeric")


def test_a_key_written_in_full_is_the_certificates_or_is_not_looked_at() -> None:
    """A stranger's key in full makes their signature no better, and a wrong one spoils no code."""
    code, stranger = read_code(CODE), ISSUER.phone()
    assert code is not None
    signed = stranger.sign(message_to_sign(code.certificate.to_bytes(), code.step))
    forged = msgspec.structs.replace(code, signature=signed)
    own, other = expand_public_key(PHONE.public_key), expand_public_key(stranger.public_key)
    mirrored = own[:33] + (P256 - int.from_bytes(own[33:])).to_bytes(32)
    off_the_curve = own[:33] + (int.from_bytes(own[33:]) ^ 2).to_bytes(32)
    for expanded in (None, own, other, mirrored, PHONE.public_key, b""):
        assert judge_code(code, ISSUER.keys, NOW, expanded_key=expanded) is None
        assert judge_code(forged, ISSUER.keys, NOW, expanded_key=expanded) == "forged"
    assert judge_code(code, ISSUER.keys, NOW, expanded_key=off_the_curve) == "forged"


@given(st.integers(0, CODE_BYTES * 8 - 1))
def test_a_bit_flipped_anywhere_is_found(place: int) -> None:
    assert RAW is not None
    flipped = bytearray(RAW)
    flipped[place // 8] ^= 1 << place % 8
    verdict = judge(write_digits(bytes(flipped)))
    # The version; the key's id; all else is under a signature.
    expected = "not_a_code" if place < 8 else "foreign_program" if place < 24 else "forged"
    assert verdict == expected


def test_every_single_bit_flipped_is_found() -> None:
    assert RAW is not None
    for place in range(CODE_BYTES * 8):
        flipped = bytearray(RAW)
        flipped[place // 8] ^= 1 << place % 8
        assert judge(write_digits(bytes(flipped))) != "good", place


@given(st.integers(0, CODE_DIGITS - 1), st.sampled_from("0123456789"))
def test_a_digit_changed_anywhere_is_found(place: int, digit: str) -> None:
    changed = CODE[:place] + digit + CODE[place + 1 :]
    assert (judge(changed) == "good") is (changed == CODE)


@given(st.integers(0, CODE_DIGITS - 1))
def test_a_truncated_code_is_none(length: int) -> None:
    assert judge(CODE[:length]) == judge(CODE[CODE_DIGITS - length :]) == "not_a_code"


@given(st.text(max_size=500) | st.text("0123456789", min_size=CODE_DIGITS, max_size=CODE_DIGITS))
def test_any_text_may_be_scanned(text: str) -> None:
    assert judge(text) in ("not_a_code", "foreign_program", "forged")


@given(st.binary(min_size=CODE_BYTES - 1, max_size=CODE_BYTES - 1))
def test_any_bytes_may_be_scanned(rest: bytes) -> None:
    assert judge(write_digits(b"\x01" + rest)) in ("foreign_program", "forged")
    assert judge(write_digits(b"\x01" + ISSUER.key_id + rest[2:])) == "forged"


@pytest.mark.parametrize(
    ("later_s", "verdict"),
    [
        (-600, "early"),
        (-41, "early"),
        (-40, "good"),
        (0, "good"),
        (49, "good"),
        (50, "old"),
        (600, "old"),
        (86_400, "old"),
    ],
)
def test_one_step_of_skew_is_taken(later_s: int, verdict: str) -> None:
    """NOW is ten seconds into its step."""
    assert judge(CODE, NOW + timedelta(seconds=later_s)) == verdict


def test_a_certificate_ends() -> None:
    end = (NOW + LIFE).replace(hour=0, minute=0, second=0)
    last = end - timedelta(seconds=1)
    assert judge(PHONE.make_code(last), last) == "good"
    assert judge(PHONE.make_code(last), end) == judge(PHONE.make_code(end), end) == "expired"


def test_a_certificate_over_another_key() -> None:
    thief = ISSUER.phone()
    thief.certificate = PHONE.certificate
    assert judge(thief.make_code(NOW)) == "forged"


def test_another_program() -> None:
    other = Issuer(b"\x00\x02")
    assert judge(CODE, issuer=other) == "foreign_program"
    assert judge(CODE, issuer=Issuer(ISSUER.key_id)) == "forged", "the same key id by chance"


def test_a_step_cannot_be_moved() -> None:
    step = step_of(NOW)
    signature = PHONE.sign(message_to_sign(PHONE.certificate, step))
    assert judge(write_code(PHONE.certificate, step, signature)) == "good"
    assert judge(write_code(PHONE.certificate, step + 1, signature)) == "forged"


def test_a_revoked_signing_key() -> None:
    code = read_code(CODE)
    assert code is not None
    keys = {ISSUER.key_id: TrustedKey(ISSUER.public, is_revoked=True)}
    assert judge_code(code, keys, NOW) == "revoked"


@pytest.mark.parametrize(
    "signature", [bytes(64), b"\xff" * 64, bytes(63) + b"\x01", b"\x00" * 31 + b"\x01" + bytes(32)]
)
def test_a_signature_of_odd_numbers(signature: bytes) -> None:
    assert judge(write_code(PHONE.certificate, step_of(NOW), signature)) == "forged"


def test_the_serial_stays_through_renewals_and_differs_by_member_and_key() -> None:
    phone = ISSUER.phone()
    certificates = []
    for days in (0, 15, 40):
        ISSUER.certify(phone, NOW + timedelta(days=days))
        certificate = read_certificate(phone.certificate)
        assert certificate is not None
        certificates.append(certificate)
    serials = {each.serial for each in certificates}
    assert len(serials) == 1
    other_member = msgspec.structs.replace(certificates[0], member_id=ISSUER.phone().member_id)
    other_key = msgspec.structs.replace(certificates[0], public_key=ISSUER.phone().public_key)
    assert len(serials | {other_member.serial, other_key.serial}) == 3


@pytest.mark.parametrize("length", [0, 1, CERTIFICATE_BYTES - 1, CERTIFICATE_BYTES + 1])
def test_what_is_no_certificate(length: int) -> None:
    assert read_certificate(b"\x01" * length) is None


@given(st.binary(max_size=70))
def test_what_is_no_point_of_the_curve(raw: bytes) -> None:
    assert read_public_key(raw) is None or len(raw) in (33, 65)


def test_a_point_off_the_curve_is_none() -> None:
    assert read_public_key(b"\x04" + bytes(63) + b"\x01") is None
    assert read_public_key(b"\x02" + b"\xff" * 32) is None
    assert read_public_key(b"\x00") is None
