"""Connections to the mail server: kept and used again, bounded, and opened anew where the server has closed them.

One message after the other goes over a connection (RFC 5321): MAIL, RCPT, DATA. A connection that was kept may have
been closed by the server meanwhile; that shows at MAIL or RCPT, when nothing has been said of the message yet, so the
message goes over a new one. Once its words are out, a lost answer leaves it open whether it was taken.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import aiosmtplib

from channels.mail.smtp_server import SmtpServer

TIMEOUT_S = 15.0
# Servers close what is idle for minutes, and let a connection carry a hundred messages or so.
IDLE_S = 30.0
MESSAGES_A_CONNECTION = 100
CONNECTIONS = 8
_CLOSING = 421  # the server closes the connection, whatever was asked for


class UnansweredMessage(Exception):
    """The words are out and no answer came: the server may have taken the message."""


@dataclass
class _Line:
    """A connection. `sent`: messages that it has carried; `used_at_s`: of the pool's clock."""

    client: aiosmtplib.SMTP
    sent: int = 0
    used_at_s: float = 0.0


class SmtpPool:
    def __init__(
        self,
        server: SmtpServer,
        *,
        connections: int = CONNECTIONS,
        idle_s: float = IDLE_S,
        timeout_s: float = TIMEOUT_S,
        tls_context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tls_context`: None trusts whom the system trusts."""
        self._server, self._idle_s, self._timeout_s, self._clock = server, idle_s, timeout_s, clock
        self._tls_context = tls_context
        self._places = asyncio.Semaphore(connections)
        self._idle: deque[_Line] = deque()

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Return when the server has taken it. Raises UnansweredMessage, aiosmtplib.SMTPException, OSError."""
        async with self._places:
            kept = self._take_kept()
            if kept is not None:
                try:
                    await self._send_over(kept, sender, recipient, message)
                except (aiosmtplib.SMTPServerDisconnected, ConnectionError):
                    pass  # closed while it was idle: nothing has been said of the message
                except aiosmtplib.SMTPResponseException as error:
                    if error.code != _CLOSING:
                        raise
                else:
                    return
            line = _Line(self._make_client())
            await line.client.connect()
            await self._send_over(line, sender, recipient, message)

    async def close(self) -> None:
        while self._idle:
            await self._hang_up(self._idle.pop())

    async def _send_over(self, line: _Line, sender: str, recipient: str, message: bytes) -> None:
        """The connection is kept where it can carry another message, and closed where it cannot."""
        is_kept = False
        try:
            await line.client.mail(sender)
            await line.client.rcpt(recipient)
            await self._send_words(line, message)
            is_kept = True
        except aiosmtplib.SMTPResponseException as error:
            is_kept = error.code != _CLOSING and await _reset(line.client)
            raise
        finally:
            line.sent += 1
            line.used_at_s = self._clock()
            if is_kept and line.sent < MESSAGES_A_CONNECTION:
                self._idle.append(line)
            elif is_kept:
                await self._hang_up(line)
            else:
                line.client.close()

    async def _send_words(self, line: _Line, message: bytes) -> None:
        try:
            await line.client.data(message)
        except aiosmtplib.SMTPResponseException:
            raise
        except (aiosmtplib.SMTPException, OSError) as error:
            raise UnansweredMessage from error

    def _take_kept(self) -> _Line | None:
        """The one that was used last: the others grow old and are closed."""
        while self._idle and self._clock() - self._idle[0].used_at_s > self._idle_s:
            self._idle.popleft().client.close()
        while self._idle:
            line = self._idle.pop()
            if line.client.is_connected:
                return line
        return None

    def _make_client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.use_tls,
            start_tls=server.start_tls,
            tls_context=self._tls_context,
            timeout=self._timeout_s,
        )

    async def _hang_up(self, line: _Line) -> None:
        try:
            await line.client.quit(timeout=1)
        except (aiosmtplib.SMTPException, OSError):
            line.client.close()


async def _reset(client: aiosmtplib.SMTP) -> bool:
    """After a refusal: whether the connection can carry another message."""
    try:
        await client.rset()
    except (aiosmtplib.SMTPException, OSError):
        return False
    return True
