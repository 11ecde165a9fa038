"""The text messages that arrived in the sink, by recipient: what the phones got besides pushes."""

import asyncio
import re
import time
from pathlib import Path

import msgspec

from channels.messages import EmailMessage, Message, SmsMessage

_LOOK_EVERY_S = 0.05


class Tray:
    def __init__(self, sink: Path) -> None:
        self._sink = sink

    async def wait_for_code(self, recipient: str, within_s: float) -> str | None:
        """The six digits of the newest message to them; None where none came in time."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for line in reversed(await asyncio.to_thread(self._read_lines)):
                message = msgspec.json.decode(line, type=Message)
                if not isinstance(message, EmailMessage | SmsMessage):
                    continue
                digits = re.search(r"\d{6}", message.body)
                if message.recipient == recipient and digits:
                    return digits[0]
            await asyncio.sleep(_LOOK_EVERY_S)
        return None

    def _read_lines(self) -> list[bytes]:
        """Whole lines only: the last one may be being written."""
        return self._sink.read_bytes().split(b"\n")[:-1] if self._sink.exists() else []
