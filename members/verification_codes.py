"""One-time codes: six digits, ten minutes, five tries. Pure but for the random source.

Only a keyed hash is stored, bound to its verification: against a plain hash, a million codes are soon tried.
"""

import hmac
import secrets
from datetime import timedelta

from ids import VerificationId
from kit.scanned_text import clean_scanned
from kit.sealing import Keyring

DIGITS = 6
LIFE = timedelta(minutes=10)
MAX_ATTEMPTS = 5


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def hash_code(keyring: Keyring, verification_id: VerificationId, code: str) -> bytes:
    return keyring.mac("verification-code", verification_id.bytes + code.encode())


def is_code_correct(keyring: Keyring, verification_id: VerificationId, code: str, code_hash: bytes) -> bool:
    return hmac.compare_digest(hash_code(keyring, verification_id, code), code_hash)


def read_code(text: str) -> str | None:
    """The six digits, of a code typed with spaces or hyphens or in full-width digits; None if it is not a code."""
    digits = clean_scanned(text).replace("-", "")
    if len(digits) != DIGITS or not digits.isdecimal():
        return None
    return "".join(str(int(digit)) for digit in digits)
