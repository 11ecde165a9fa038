"""Write the test vectors of docs/card-code.md: python -m devtools.card.vectors

Everything in them follows from the seeds below, so that the same command writes the same file.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cards.certificates import Certificate, issue_certificate, proof_message
from cards.digits import write_digits
from cards.rotating_codes import (
    CODE_BYTES,
    Refusal,
    TrustedKey,
    judge_code,
    message_to_sign,
    read_code,
    step_of,
    write_code,
)
from cards.totp import totp_digits, totp_prefix
from devtools.bootstrap import ROOT
from devtools.card.phone import ReferencePhone
from ids import DeviceId, MemberId

PAGE = ROOT / "docs" / "card-code.md"
VECTORS = ROOT / "docs" / "card-code-vectors.json"
_PLACE = re.compile(r"(<!-- vector -->\n).*?(<!-- /vector -->)", re.DOTALL)

NOW = datetime(2026, 11, 21, 9, 0, 10, tzinfo=UTC)
MEMBER = MemberId(UUID("01890a5d-ac96-774b-bcce-b302099a8057"))
DEVICE = DeviceId(UUID("01890a5d-ac97-7000-8000-00000000d001"))
KEY_ID, OTHER_KEY_ID = b"\xa1\xb2", b"\xc3\xd4"
_PROGRAM = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
_PHONE_SECRET, _THIEF_SECRET = 0x1F2E3D4C5B6A79, 0x0102030405
_TOTP_SECRET, _TOTP_PASS = bytes(range(20)), UUID("01890a5d-ac98-7000-8000-00000000e001")


class _Case(msgspec.Struct, frozen=True):
    name: str
    code: str
    at: datetime


def make_vectors() -> dict[str, Any]:
    phone = make_phone(_PHONE_SECRET)
    certificate = issue_certificate(_PROGRAM, KEY_ID, MEMBER, phone.public_key, NOW)
    phone.certificate = certificate.to_bytes()
    step = step_of(NOW)
    message = message_to_sign(phone.certificate, step)
    code = phone.make_code_of_step(step)
    return {
        "digits": [{"bytes": raw.hex(), "digits": write_digits(raw)} for raw in _SAMPLES],
        "program": {"key_id": KEY_ID.hex(), "public_key": _PROGRAM.public_key().public_bytes_raw().hex()},
        "phone": {
            "private_key": f"{_PHONE_SECRET:064x}",
            "public_key": phone.public_key.hex(),
            "member_id": str(MEMBER),
            "device_id": str(DEVICE),
            "proof_message": proof_message(MEMBER, DEVICE, phone.public_key).hex(),
            "proof": phone.sign(proof_message(MEMBER, DEVICE, phone.public_key)).hex(),
            "registration": phone.registration(),
        },
        "certificate": {
            "bytes": phone.certificate.hex(),
            "serial": certificate.serial.hex(),
            "expires_at": certificate.expires_at.isoformat(),
        },
        "code": {"at": NOW.isoformat(), "step": step, "signed": message.hex(), "digits": code},
        "judged": [_judge(case) for case in _cases(phone, certificate, step)],
        "totp": {
            "member_id": str(MEMBER),
            "pass_id": str(_TOTP_PASS),
            "secret": _TOTP_SECRET.hex(),
            "at": NOW.isoformat(),
            "code": totp_prefix(MEMBER, _TOTP_PASS) + totp_digits(_TOTP_SECRET, step),
        },
    }


_SAMPLES = (b"", b"\0", b"\xff", b"\x01\x02", bytes(7), b"\xff" * 7, bytes(range(1, 9)), b"\xff" * 20)


def make_phone(secret: int) -> ReferencePhone:
    return ReferencePhone(MEMBER, DEVICE, derive_private_key(secret, SECP256R1()))


def _cases(phone: ReferencePhone, certificate: Certificate, step: int) -> list[_Case]:
    thief = make_phone(_THIEF_SECRET)
    thief.certificate = phone.certificate  # somebody's certificate, another phone's signature
    stranger = make_phone(_PHONE_SECRET)
    stranger.certificate = issue_certificate(_STRANGER, OTHER_KEY_ID, MEMBER, phone.public_key, NOW).to_bytes()
    mint = make_phone(_THIEF_SECRET)
    mint.certificate = issue_certificate(_STRANGER, KEY_ID, MEMBER, mint.public_key, NOW).to_bytes()
    later = write_code(phone.certificate, step + 1, phone.sign(message_to_sign(phone.certificate, step)))
    last = certificate.expires_at
    return [
        _Case("good", phone.make_code_of_step(step), NOW),
        _Case("the step before", phone.make_code_of_step(step), NOW + timedelta(seconds=30)),
        _Case("the step after", phone.make_code_of_step(step), NOW - timedelta(seconds=30)),
        _Case("two steps old", phone.make_code_of_step(step), NOW + timedelta(seconds=60)),
        _Case("two steps ahead", phone.make_code_of_step(step), NOW - timedelta(seconds=60)),
        _Case(
            "the certificate's last second", phone.make_code(last - timedelta(seconds=1)), last - timedelta(seconds=1)
        ),
        _Case("a second later", phone.make_code(last - timedelta(seconds=1)), last),
        _Case("another phone's signature", thief.make_code_of_step(step), NOW),
        _Case("the step changed after signing", later, NOW),
        _Case("a certificate that the program did not sign", mint.make_code_of_step(step), NOW),
        _Case("another program's certificate", stranger.make_code_of_step(step), NOW),
        _Case("truncated", phone.make_code_of_step(step)[:-1], NOW),
        _Case("a chunk too large", "9" * 17 + phone.make_code_of_step(step)[17:], NOW),
        _Case("version 2", write_digits(b"\x02" + bytes(CODE_BYTES - 1)), NOW),
    ]


def _judge(case: _Case) -> dict[str, str]:
    code = read_code(case.code)
    keys = {KEY_ID: TrustedKey(_PROGRAM.public_key().public_bytes_raw(), is_revoked=False)}
    verdict: Refusal | str | None = "not_a_code" if code is None else judge_code(code, keys, case.at)
    return {"case": case.name, "at": case.at.isoformat(), "digits": case.code, "verdict": verdict or "good"}


def put_in(page: str) -> str:
    """The page with the first vector spelt out, field by field."""
    return _PLACE.sub(lambda found: found[1] + _spell(make_vectors()) + found[2], page)


def _spell(vectors: dict[str, Any]) -> str:
    certificate, code = vectors["certificate"], vectors["code"]
    raw = certificate["bytes"]
    fields = [("version", 0, 1), ("key id", 1, 3), ("member id", 3, 19), ("expires day", 19, 21)]
    fields += [("phone's public key", 21, 54), ("program's signature", 54, 118)]
    lines = ["```text", f"program's public key  {vectors['program']['public_key']}", ""]
    lines += [f"{name:<22}{raw[2 * start : 2 * end]}" for name, start, end in fields]
    lines += ["", f"serial                {certificate['serial']}", f"step                  {code['step']:08x}"]
    digits = code["digits"]
    lines += ["digits                " + digits[:68]]
    lines += [" " * 22 + digits[start : start + 68] for start in range(68, len(digits), 68)]
    return "\n".join([*lines, "```", ""])


def write_vectors() -> str:
    return msgspec.json.format(msgspec.json.encode(make_vectors()), indent=2).decode() + "\n"


def main(page: Path = PAGE, vectors: Path = VECTORS) -> None:
    vectors.write_text(write_vectors(), encoding="utf-8")
    page.write_text(put_in(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
