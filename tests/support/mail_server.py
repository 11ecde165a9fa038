"""A real SMTP server (aiosmtpd) on a port of its own, with faults in its script."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage as MimeMessage
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# "hang up": the connection is cut there; at "DATA" the message has been taken by then, and nobody is told.
Fault = tuple[Literal["EHLO", "MAIL", "RCPT", "DATA"], str]


@dataclass
class MailServer:
    """Each fault is one answer, of the next command of its kind. What was taken stands in `messages`."""

    faults: list[Fault] = field(default_factory=list)
    messages: list[MimeMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    tries: int = 0
    connections: int = 0
    transports: list[asyncio.Transport] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def cut_all(self) -> None:
        """As a server does that closes what is idle."""
        for transport in self.transports:
            transport.abort()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        fault = self._fault(server, "EHLO")
        return responses if fault is None else [fault]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries += 1
        fault = self._fault(server, "MAIL")
        if fault is None:
            envelope.mail_from = address
        return fault or "250 fine"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = self._fault(server, "RCPT")
        if fault is None:
            envelope.rcpt_tos.append(address)
        return fault or "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        is_cut = ("DATA", "hang up") in self.faults
        fault = self._fault(server, "DATA")
        if fault is None or is_cut:
            content = envelope.content
            assert isinstance(content, bytes)
            self.messages.append(email.message_from_bytes(content, policy=email.policy.SMTP))
            self.envelopes.append(envelope)
        return fault or "250 taken"

    def _fault(self, server: SMTP, command: str) -> str | None:
        found = next((fault for fault in self.faults if fault[0] == command), None)
        if found is None:
            return None
        self.faults.remove(found)
        if found[1] == "hang up":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return found[1]


class _Line(SMTP):
    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        """As it was written: what the handler is given has lost its quotation marks."""
        self.event_handler.recipients.append(arg)
        await super().smtp_RCPT(arg)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        played: MailServer = self.event_handler
        if transport not in played.transports:
            played.connections += 1
        assert isinstance(transport, asyncio.Transport)
        played.transports.append(transport)


@asynccontextmanager
async def open_mail_server(
    faults: Sequence[Fault] = (),
    *,
    tls: ssl.SSLContext | None = None,
    start_tls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
) -> AsyncIterator[MailServer]:
    """`tls`: from the first byte. `start_tls`: it is offered, and demanded. `login`: nobody else may send."""
    played = MailServer(list(faults))

    def authenticate(_: SMTP, __: Session, ___: Envelope, ____: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login.decode(), data.password.decode()) == login, handled=False)

    def make() -> SMTP:
        return _Line(
            played,
            hostname="mail.test",
            tls_context=start_tls,
            require_starttls=start_tls is not None,
            auth_required=login is not None,
            auth_require_tls=start_tls is not None,
            authenticator=authenticate if login is not None else None,
            command_call_limit=None,
        )

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, ssl=tls)
    played.port = server.sockets[0].getsockname()[1]
    try:
        yield played
    finally:
        server.close()
        played.cut_all()
