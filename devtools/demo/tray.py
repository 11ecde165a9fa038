"""The texts and e-mails that arrived, by recipient: where codes are read."""

import asyncio
import re
import time

from devtools.demo.providers import Providers

_LOOK_EVERY_S = 0.05


class Tray:
    def __init__(self, providers: Providers) -> None:
        self._providers = providers

    async def wait_for_code(self, recipient: str, within_s: float) -> str | None:
        """The six digits of the newest message to them; None where none came in time."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for text in reversed(self._texts(recipient)):
                digits = re.search(r"\d{6}", text)
                if digits:
                    return digits[0]
            await asyncio.sleep(_LOOK_EVERY_S)
        return None

    def _texts(self, recipient: str) -> list[str]:
        texts = [each.form["Body"] for each in self._providers.phone.taken(recipient)]
        return texts + [each.text for each in self._providers.smtp.received if each.recipient == recipient]
