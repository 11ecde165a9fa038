"""E-mail by SMTP (RFC 5321), one connection a message: codes are few and must go at once."""

from email.message import EmailMessage as MimeMessage
from email.policy import SMTP
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec

from channels.channel import Envelope, PermanentDeliveryError, TransientDeliveryError
from channels.messages import EmailMessage, Message

TIMEOUT_S = 15.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SmtpServer(msgspec.Struct, frozen=True, kw_only=True):
    """`use_tls`: from the first byte. `start_tls`: by STARTTLS, or the message does not go."""

    host: str
    port: int
    use_tls: bool
    start_tls: bool
    username: str | None
    password: str | None


def parse_smtp_url(url: str) -> SmtpServer:
    """`smtps://` is TLS from the start (port 465). `smtp://` demands STARTTLS (port 587), but of this very machine.

    Raises ValueError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("no SMTP URL")
    use_tls = parts.scheme == "smtps"
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or (465 if use_tls else 587),
        use_tls=use_tls,
        start_tls=not use_tls and parts.hostname not in _LOOPBACK,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


class SmtpChannel:
    """`sender` is what stands as From."""

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server = server
        self._sender = sender

    async def send(self, envelope: Envelope, message: Message) -> str:
        if not isinstance(message, EmailMessage):
            raise PermanentDeliveryError("no_email")
        server, email = self._server, self._write(envelope, message)
        try:
            await aiosmtplib.send(
                email,
                recipients=[quote_local_part(message.recipient)],
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=server.use_tls,
                start_tls=server.start_tls,
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _make_error(error.recipients[0].code) from None
        except aiosmtplib.SMTPAuthenticationError:
            raise TransientDeliveryError("smtp_login") from None  # ours to mend; the message may still go then
        except aiosmtplib.SMTPResponseException as error:
            raise _make_error(error.code) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TransientDeliveryError(f"smtp_{type(error).__name__}") from None
        return str(email["Message-ID"])

    async def close(self) -> None:
        return None

    def _write(self, envelope: Envelope, message: EmailMessage) -> MimeMessage:
        email = MimeMessage(policy=SMTP)
        email["From"] = self._sender
        email["To"] = quote_local_part(message.recipient)
        email["Subject"] = message.subject
        email["Date"] = formatdate()
        # The same in each attempt: by it a mailbox knows a second copy.
        email["Message-ID"] = f"<{envelope.message_id}@{self._sender.rpartition('@')[2].strip('> ')}>"
        email["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in answer
        email.set_content(message.body)
        return email


def quote_local_part(address: str) -> str:
    """As RFC 5321 wants it (section 4.1.2) where dots stand as they may not: `"hana..sato"@docomo.ne.jp`."""
    local, _, domain = address.rpartition("@")
    return f'"{local}"@{domain}' if "" in local.split(".") else address


def _make_error(code: int) -> PermanentDeliveryError | TransientDeliveryError:
    """5yz is for good, all else for now (RFC 5321, section 4.2.1). `from None`: the server's words hold the address."""
    return PermanentDeliveryError(f"smtp_{code}") if 500 <= code < 600 else TransientDeliveryError(f"smtp_{code}")
