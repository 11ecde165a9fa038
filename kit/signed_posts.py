"""Whether a POST is signed under a key that both sides have: a time, a dot and the bytes of the body, by HMAC-SHA256.

The time bounds how long whoever has read one on the way could send it again.
"""

import hmac
from datetime import datetime

TIMESTAMP_HEADER, SIGNATURE_HEADER = "X-Noren-Timestamp", "X-Noren-Signature"
# An older one, or one from our future, is refused.
FRESH_S = 300.0


def is_signed(key: str, body: bytes, timestamp: str | None, signature: str | None, now: datetime) -> bool:
    """`timestamp`: seconds since 1970; `signature`: in hexadecimal."""
    if not signature or not timestamp or not signature.isascii():
        return False
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > FRESH_S:
        return False
    return hmac.compare_digest(sign(key, body, timestamp), signature.lower())


def sign(key: str, body: bytes, timestamp: str) -> str:
    return hmac.new(key.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
