"""A double of a mail server over a real socket: it takes every message, and remembers to whom and under which id.

with SmtpDouble() as double:
    double.url       # for NOREN_SMTP_URL
    double.received  # what arrived, in order
"""

import asyncio
import email
import email.policy
import threading
from typing import NamedTuple, Self


class Letter(NamedTuple):
    """`message_id` without its brackets and domain. `text`: its plain part."""

    recipient: str
    message_id: str
    subject: str = ""
    text: str = ""


class SmtpDouble:
    """Enter it to start, leave it to stop. Its loop runs in a thread of its own."""

    def __init__(self) -> None:
        self.received: list[Letter] = []
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="SMTP double", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop)
        self._server = starting.result()
        self.url = f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        writer.write(b"220 double ESMTP\r\n")
        try:
            while line := (await reader.readline()).decode():
                command = line.upper()
                if command.startswith("RCPT TO:"):
                    recipient = line[8:].strip().strip("<>")
                if command.startswith("DATA"):
                    writer.write(b"354 go on\r\n")
                    self._take(recipient, await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"221 bye\r\n" if command.startswith("QUIT") else b"250 fine\r\n")
                if command.startswith("QUIT"):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _take(self, recipient: str, raw: bytes) -> None:
        message = email.message_from_bytes(raw, policy=email.policy.SMTP)
        message_id = str(message["Message-ID"]).strip("<>").partition("@")[0]
        plain = message.get_body(("plain",))
        text = "" if plain is None else plain.get_content()
        self.received.append(Letter(recipient, message_id, str(message["Subject"]), text))
