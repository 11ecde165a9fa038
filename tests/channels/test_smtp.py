"""E-mail over a real socket, to a small server that plays the mail server's part."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage as MimeMessage

import pytest

from channels.channel import PermanentDeliveryError, TransientDeliveryError
from channels.code_messages import write_code_message
from channels.messages import EmailMessage, address
from channels.smtp import SmtpChannel, SmtpServer, parse_smtp_url
from tests.support.inbox import an_envelope

ENVELOPE = an_envelope()
SENDER = "喫茶さくら <noreply@kissa.example>"
WORDS = write_code_message("ja", "喫茶さくら", "012345", 10)
MESSAGE = address(WORDS, "email", "hana@example.com")


@dataclass
class MailServer:
    """Says what `answers` has for a command (by its first word), else what lets the message through."""

    answers: Mapping[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    messages: list[MimeMessage] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP\r\n")
        while line := (await reader.readline()).decode().strip():
            word = line.split()[0].upper()
            self.commands.append(line)
            usual = {"EHLO": "250 mail.test", "DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 fine")
            answer = self.answers.get(word, usual)
            if answer == "hang up":
                break
            writer.write(answer.encode() + b"\r\n")
            if answer.startswith("354"):
                raw = await reader.readuntil(b"\r\n.\r\n")
                self.messages.append(email.message_from_bytes(raw[:-3], policy=email.policy.SMTP))
                writer.write(self.answers.get("END", "250 taken").encode() + b"\r\n")
            if word == "QUIT":
                break
        writer.close()


@asynccontextmanager
async def mail_server(**answers: str) -> AsyncIterator[tuple[MailServer, SmtpChannel]]:
    played = MailServer(answers)
    server = await asyncio.start_server(played.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield played, SmtpChannel(parse_smtp_url(f"smtp://127.0.0.1:{port}"), SENDER)


async def test_a_message_arrives_as_it_was_written() -> None:
    async with mail_server() as (played, channel):
        await channel.send(ENVELOPE, MESSAGE)
    (message,) = played.messages
    assert message["To"] == "hana@example.com"
    assert message["From"] == SENDER
    assert message["Subject"] == WORDS.subject
    assert message.get_content().strip() == WORDS.body
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{ENVELOPE.message_id}@kissa.example>", "a mailbox knows a second copy by it"
    assert "MAIL FROM:<noreply@kissa.example>" in [
        command.split(" ")[0] + " " + command.split(" ")[1] for command in played.commands if command.startswith("MAIL")
    ]
    assert [command for command in played.commands if command.startswith("RCPT")] == ["RCPT TO:<hana@example.com>"]


@pytest.mark.parametrize("address", ["hana..sato@docomo.ne.jp", "hana.@ezweb.ne.jp"])
async def test_an_old_carriers_address_goes_out_as_rfc_5321_wants_it(address: str) -> None:
    async with mail_server() as (played, channel):
        await channel.send(ENVELOPE, EmailMessage(address, "x", "y"))
    local, _, domain = address.partition("@")
    (command,) = [command for command in played.commands if command.startswith("RCPT")]
    assert command == f'RCPT TO:<"{local}"@{domain}>'
    (to,) = played.messages[0]["To"].addresses
    assert (to.addr_spec, played.messages[0]["To"].defects) == (address, ())


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"RCPT": "550 nobody of that name"}, PermanentDeliveryError("smtp_550")),
        ({"RCPT": "451 come back later"}, TransientDeliveryError("smtp_451")),
        ({"MAIL": "553 not from you"}, PermanentDeliveryError("smtp_553")),
        ({"END": "554 looks like spam"}, PermanentDeliveryError("smtp_554")),
        ({"END": "452 disk full"}, TransientDeliveryError("smtp_452")),
        ({"DATA": "hang up"}, TransientDeliveryError("smtp_SMTPServerDisconnected")),
        ({"EHLO": "421 closing"}, TransientDeliveryError("smtp_421")),
    ],
)
async def test_what_the_server_says_no_to(
    answers: dict[str, str], expected: PermanentDeliveryError | TransientDeliveryError
) -> None:
    async with mail_server(**answers) as (_, channel):
        with pytest.raises(type(expected)) as refused:
            await channel.send(ENVELOPE, MESSAGE)
    assert str(refused.value) == str(expected)
    assert refused.value.__cause__ is None
    assert "hana" not in repr(refused.value)


async def test_nobody_listens() -> None:
    async with mail_server() as (_, channel):
        pass
    with pytest.raises(TransientDeliveryError):
        await channel.send(ENVELOPE, MESSAGE)


async def test_a_login_that_is_refused_is_ours_to_mend() -> None:
    answers = {"EHLO": "250-mail.test\r\n250 AUTH PLAIN", "AUTH": "535 wrong"}
    async with mail_server(**answers) as (played, channel):
        server = a_server("127.0.0.1", channel._server.port, tls=False, start_tls=False, login=("noren", "wrong"))
        with pytest.raises(TransientDeliveryError, match="smtp_login"):
            await SmtpChannel(server, SENDER).send(ENVELOPE, MESSAGE)
    assert played.messages == []


async def test_where_starttls_is_demanded_and_not_offered_nothing_goes() -> None:
    async with mail_server() as (played, channel):
        server = a_server("127.0.0.1", channel._server.port, tls=False, start_tls=True)
        with pytest.raises(TransientDeliveryError):
            await SmtpChannel(server, SENDER).send(ENVELOPE, MESSAGE)
    assert played.messages == []
    assert not [command for command in played.commands if command.startswith(("MAIL", "RCPT"))]


@pytest.mark.parametrize("subject", ["a\r\nBcc: all@example.com", "a\nb"])
async def test_no_header_can_be_slipped_in(subject: str) -> None:
    async with mail_server() as (played, channel):
        with pytest.raises(ValueError):
            await channel.send(ENVELOPE, EmailMessage("hana@example.com", subject, "x"))
    assert played.messages == []


LOGIN = ("n@me", "p/w")


def a_server(
    host: str, port: int, *, tls: bool, start_tls: bool, login: tuple[str | None, str | None] = (None, None)
) -> SmtpServer:
    return SmtpServer(host=host, port=port, use_tls=tls, start_tls=start_tls, username=login[0], password=login[1])


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtps://n%40me:p%2Fw@mail.test",
            a_server("mail.test", 465, tls=True, start_tls=False, login=LOGIN),
        ),
        ("smtp://mail.test", a_server("mail.test", 587, tls=False, start_tls=True)),
        ("smtp://mail.test:25", a_server("mail.test", 25, tls=False, start_tls=True)),
        ("smtp://localhost:1025", a_server("localhost", 1025, tls=False, start_tls=False)),
        ("smtp://[::1]:1025", a_server("::1", 1025, tls=False, start_tls=False)),
    ],
)
def test_urls_of_mail_servers(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize("url", ["", "mail.test", "http://mail.test", "smtp://", "smtp://mail.test/x", "smtp://m:x"])
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(ValueError):
        parse_smtp_url(url)
