"""A store's display, built from docs/visits.md alone: what it shows at a moment."""

import hmac
from base64 import b32encode
from datetime import datetime

from ids import StoreId


def make_display_code(key: bytes, store_id: StoreId, generation: int, now: datetime) -> str:
    step = int(now.timestamp() // 30)
    message = generation.to_bytes(2, "big") + step.to_bytes(4, "big")
    mac = hmac.digest(key, message, "sha256")[:14]
    return "N1D" + b32encode(store_id.bytes + message + mac).decode().rstrip("=")
