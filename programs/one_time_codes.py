"""Codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds) and recovery codes. Pure."""

import re
import secrets
from datetime import datetime

import pyotp

STEP_S = 30
# A code of the step before or after is taken: clocks of phones differ (RFC 6238, 5.2).
_STEPS_OFF = 1
RECOVERY_CODES = 10
# Without letters and digits that look alike.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP_LENGTH = 3, 4


def new_authenticator_secret() -> str:
    """In base 32, 160 bits."""
    return pyotp.random_base32()


def write_authenticator_uri(secret: str, account: str, issuer: str) -> str:
    """What the app reads off a QR. A colon would part issuer and account elsewhere."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.replace(":", " "), issuer_name=issuer.replace(":", " "))


def find_step(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code it is; None for none that is good now."""
    totp, this = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    found = None
    for step in range(this - _STEPS_OFF, this + _STEPS_OFF + 1):  # each is compared, whichever it is
        if secrets.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def is_authenticator_code(text: str) -> bool:
    return re.fullmatch(r"[0-9]{6}", text) is not None


def new_recovery_codes() -> list[str]:
    """59 bits each."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH))


def read_code(text: str) -> str:
    """As it was typed, in one form: without gaps and hyphens, in small ASCII letters."""
    plain = text.translate({0xFF10 + digit: ord("0") + digit for digit in range(10)})
    return re.sub(r"[\s-]", "", plain).lower()
