"""E-mail by SMTP (RFC 5321), over connections that are kept.

It is sent at least once: where the words are out and no answer came, it goes again, as RFC 5321 wants it (6.1), with
the same Message-ID, by which mailboxes know a second copy (ADR 0062). So it is never `unknown`.
"""

from collections.abc import Callable
from datetime import datetime
from email.utils import parseaddr
from typing import Protocol

import aiosmtplib
import msgspec

from channels.channel import Envelope, PermanentDeliveryError, TransientDeliveryError
from channels.mail.bounce_reports import ReportKind, judge_refusal
from channels.mail.links import count_links
from channels.mail.smtp_pool import SmtpPool, UnansweredMessage
from channels.mail.tokens import Link, MailOrigin, make_message_id, make_return_address
from channels.mail.writing import quote_local_part, write_mail
from channels.messages import EmailMessage, MailOwner, Message
from ids import ProgramId
from kit.clock import utc_now
from kit.sealing import Keyring


class MailBooks(Protocol):
    """What is known of members' mailboxes. It is asked of campaigns' e-mail only."""

    async def find_refusal(self, owner: MailOwner) -> str | None:
        """Why it is not sent after all: the consent has been withdrawn since, the address is suppressed…"""
        ...

    async def take_place(self, program_id: ProgramId) -> float:
        """In the program's speed: 0; else in how many seconds to ask again."""
        ...

    async def record(self, origin: MailOrigin, kind: ReportKind) -> None: ...


class MailIdentity(msgspec.Struct, frozen=True):
    """`sender`: what stands as From. `bounce_address`: where e-mail comes back to, with who it was for behind a plus
    sign; None takes the sender's. `public_url`: of this server, for counted links."""

    sender: str
    bounce_address: str | None = None
    public_url: str | None = None


class SmtpChannel:
    def __init__(
        self,
        pool: SmtpPool,
        identity: MailIdentity,
        keyring: Keyring,
        books: MailBooks,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._pool, self._identity, self._keyring, self._books = pool, identity, keyring, books
        self._clock = clock
        self._address = parseaddr(identity.sender)[1]

    async def send(self, envelope: Envelope, message: Message) -> str:
        if not isinstance(message, EmailMessage):
            raise PermanentDeliveryError("no_email")
        origin = _origin_of(envelope, message)
        if message.owner is not None:
            await self._ask_books(envelope, message.owner)
        message_id = self._message_id(envelope, origin)
        try:
            mail = write_mail(
                self._count(message, origin), sender=self._identity.sender, message_id=message_id, now=self._clock()
            )
        except ValueError:
            raise PermanentDeliveryError("unwritable") from None
        try:
            await self._pool.send(self._return_address(origin), quote_local_part(message.recipient), mail)
        except aiosmtplib.SMTPRecipientRefused as error:
            await self._record_refusal(origin, error)
            raise _make_error(error.code) from None
        except aiosmtplib.SMTPAuthenticationError:
            raise TransientDeliveryError("smtp_login") from None  # ours to mend; the message may still go then
        except aiosmtplib.SMTPResponseException as error:
            raise _make_error(error.code) from None
        except UnansweredMessage:
            raise TransientDeliveryError("smtp_unanswered", may_be_out=True) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TransientDeliveryError(f"smtp_{type(error).__name__}") from None
        return message_id

    async def close(self) -> None:
        await self._pool.close()

    async def _ask_books(self, envelope: Envelope, owner: MailOwner) -> None:
        refusal = await self._books.find_refusal(owner)
        if refusal is not None:
            raise PermanentDeliveryError(refusal)
        wait_s = await self._books.take_place(envelope.program_id)
        if wait_s:
            raise TransientDeliveryError("paced", retry_after_s=wait_s)

    async def _record_refusal(self, origin: MailOrigin | None, error: aiosmtplib.SMTPRecipientRefused) -> None:
        if origin is not None and 500 <= error.code < 600:
            await self._books.record(origin, judge_refusal(error.code, error.message))

    def _message_id(self, envelope: Envelope, origin: MailOrigin | None) -> str:
        """The same in each attempt: by it a mailbox knows a second copy."""
        domain = self._address.rpartition("@")[2]
        if origin is None:
            return f"<{envelope.message_id}@{domain}>"
        return make_message_id(self._keyring, origin, domain)

    def _return_address(self, origin: MailOrigin | None) -> str:
        address = self._identity.bounce_address
        if address is None or origin is None:
            return address or self._address
        return make_return_address(self._keyring, origin, address)

    def _count(self, message: EmailMessage, origin: MailOrigin | None) -> EmailMessage:
        public_url = self._identity.public_url
        if not message.is_counted or origin is None or public_url is None:
            return message
        click = Link("click", origin.member_id, origin.address_tag, origin.message_id)
        return count_links(self._keyring, public_url, message, click)


def _origin_of(envelope: Envelope, message: EmailMessage) -> MailOrigin | None:
    owner = message.owner
    return None if owner is None else MailOrigin(owner.member_id, owner.address_tag, envelope.message_id)


def _make_error(code: int) -> PermanentDeliveryError | TransientDeliveryError:
    """5yz is for good, all else for now (RFC 5321, section 4.2.1). `from None`: the server's words hold the address."""
    return PermanentDeliveryError(f"smtp_{code}") if 500 <= code < 600 else TransientDeliveryError(f"smtp_{code}")
