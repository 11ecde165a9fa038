"""E-mail over a real socket, to a real mail server with faults in its script."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.push_peer import make_peer_context
from channels.channel import PermanentDeliveryError, TransientDeliveryError
from channels.code_messages import write_code_message
from channels.mail.bounce_reports import ReportKind
from channels.mail.smtp import MailIdentity, SmtpChannel
from channels.mail.smtp_pool import MESSAGES_A_CONNECTION, SmtpPool
from channels.mail.smtp_server import SmtpServer, parse_smtp_url
from channels.mail.tokens import MailOrigin, read_message_id, read_return_address, unseal_link
from channels.messages import EmailMessage, MailOwner, address
from ids import MemberId, ProgramId
from kit.ids import new_id
from kit.sealing import Keyring
from tests.support.inbox import an_envelope
from tests.support.mail_server import Fault, MailServer, open_mail_server

SENDER = "喫茶さくら <noreply@kissa.example>"
KEYRING = Keyring(b"k" * 32)
WORDS = write_code_message("ja", "喫茶さくら", "012345", 10)
MESSAGE = address(WORDS, "email", "hana@example.com")
OWNER = MailOwner(MemberId(new_id()), b"abcd")
CAMPAIGN = EmailMessage(
    "hana@example.com",
    "新しい豆が入りました",
    "豆が入りました https://kissa.example/beans",
    '<p><a href="https://kissa.example/beans?a=1&amp;b=2">豆</a><a href="https://m.example/mail/x">停止</a></p></body>',
    unsubscribe_url="https://m.example/mail/unsubscribe/abc",
    sender_name="喫茶さくら株式会社",
    owner=OWNER,
    is_counted=True,
)


class Books:
    """What the channel asks and tells."""

    def __init__(self, refusal: str | None = None, wait_s: float = 0) -> None:
        self.refusal, self.wait_s = refusal, wait_s
        self.recorded: list[tuple[MailOrigin, ReportKind]] = []

    async def find_refusal(self, owner: MailOwner) -> str | None:
        return self.refusal

    async def take_place(self, program_id: ProgramId) -> float:
        return self.wait_s

    async def record(self, origin: MailOrigin, kind: ReportKind) -> None:
        self.recorded.append((origin, kind))


def channel_to(
    server: SmtpServer | str, books: Books | None = None, *, bounces: str | None = None, **pool: Any
) -> SmtpChannel:
    target = parse_smtp_url(server) if isinstance(server, str) else server
    identity = MailIdentity(SENDER, bounces, "https://m.example")
    return SmtpChannel(SmtpPool(target, **pool), identity, KEYRING, books or Books())


@asynccontextmanager
async def mailing(*faults: Fault, **pool: Any) -> AsyncIterator[tuple[MailServer, SmtpChannel]]:
    async with open_mail_server(faults) as played:
        channel = channel_to(played.url, **pool)
        yield played, channel
        await channel.close()


async def test_a_code_arrives_as_it_was_written() -> None:
    envelope = an_envelope()
    async with mailing() as (played, channel):
        sent = await channel.send(envelope, MESSAGE)
    (mail,) = played.messages
    assert isinstance(MESSAGE, EmailMessage)
    assert (mail["To"], mail["From"], mail["Subject"]) == ("hana@example.com", SENDER, MESSAGE.subject)
    assert mail.get_content().strip() == MESSAGE.body
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == sent == f"<{envelope.message_id}@kissa.example>"
    assert (mail["List-Unsubscribe"], played.envelopes[0].mail_from) == (None, "noreply@kissa.example")
    content = played.envelopes[0].content
    assert isinstance(content, bytes)
    assert max(content) < 128, "no relay on the way needs to know 8BITMIME"


async def test_a_campaigns_e_mail_has_two_parts_one_click_and_comes_back_to_its_member() -> None:
    envelope = an_envelope()
    async with open_mail_server() as played:
        channel = channel_to(played.url, bounces="bounces@kissa.example")
        await channel.send(envelope, CAMPAIGN)
        await channel.close()
    (mail,) = played.messages
    assert mail["From"].addresses[0].display_name == "喫茶さくら株式会社"
    assert mail["List-Unsubscribe"] == f"<{CAMPAIGN.unsubscribe_url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = [part.get_content() for part in mail.iter_parts()]
    assert "https://kissa.example/beans" in plain
    origin = MailOrigin(OWNER.member_id, OWNER.address_tag, envelope.message_id)
    assert read_message_id(KEYRING, mail["Message-ID"]) == origin
    back_to = played.envelopes[0].mail_from
    assert back_to is not None
    assert len(back_to.partition("@")[0]) <= 64
    assert read_return_address(KEYRING, back_to) == msgspec.structs.replace(origin, message_id=None)
    assert 'href="https://m.example/mail/x"' in html, "what leads to us stays"
    token = html.partition("/mail/click/")[2].partition('"')[0]
    link = unseal_link(KEYRING, "click", token)
    assert link is not None
    assert (link.url, link.message_id) == ("https://kissa.example/beans?a=1&b=2", envelope.message_id)
    assert unseal_link(KEYRING, "unsubscribe", token) is None
    assert "/mail/open/" in html


async def test_connections_are_kept_and_bounded() -> None:
    async with mailing(connections=3) as (played, channel):
        await asyncio.gather(*(channel.send(an_envelope(), MESSAGE) for _ in range(20)))
        assert played.connections <= 3
        before = played.connections
        await channel.send(an_envelope(), MESSAGE)
        assert (played.connections, len(played.messages)) == (before, 21)


async def test_one_that_the_server_has_closed_is_opened_anew_and_nothing_comes_twice() -> None:
    async with mailing() as (played, channel):
        for at in range(3):
            await channel.send(an_envelope(), MESSAGE)
            played.cut_all()
            await asyncio.sleep(0)
            assert (played.connections, len(played.messages)) == (at + 1, at + 1)
        await channel.send(an_envelope(), MESSAGE)
        played.faults.append(("MAIL", "421 closing"))
        await channel.send(an_envelope(), MESSAGE)
    assert (len(played.messages), played.tries) == (5, 6)


async def test_an_old_connection_and_one_that_has_carried_its_share_end() -> None:
    now = 0.0
    async with mailing(clock=lambda: now) as (played, channel):
        await channel.send(an_envelope(), MESSAGE)
        now = 31.0
        await channel.send(an_envelope(), MESSAGE)
        assert played.connections == 2
        for _ in range(MESSAGES_A_CONNECTION):
            await channel.send(an_envelope(), MESSAGE)
        assert played.connections == 3


@pytest.mark.parametrize("to", ["hana..sato@docomo.ne.jp", "hana.@ezweb.ne.jp"])
async def test_an_old_carriers_address_goes_out_as_rfc_5321_wants_it(to: str) -> None:
    async with mailing() as (played, channel):
        await channel.send(an_envelope(), EmailMessage(to, "x", "y"))
    local, _, domain = to.partition("@")
    assert played.recipients == [f'TO:<"{local}"@{domain}>']
    (written,) = played.messages[0]["To"].addresses
    assert (written.addr_spec, played.messages[0]["To"].defects) == (to, ())


@pytest.mark.parametrize(
    ("fault", "expected", "is_kept"),
    [
        (("RCPT", "550 nobody of that name"), PermanentDeliveryError("smtp_550"), True),
        (("RCPT", "450 4.2.0 greylisted"), TransientDeliveryError("smtp_450"), True),
        (("MAIL", "553 not from you"), PermanentDeliveryError("smtp_553"), True),
        (("DATA", "554 looks like spam"), PermanentDeliveryError("smtp_554"), True),
        (("DATA", "452 disk full"), TransientDeliveryError("smtp_452"), True),
        (("RCPT", "421 closing"), TransientDeliveryError("smtp_421"), False),
        (("RCPT", "hang up"), TransientDeliveryError("smtp_SMTPServerDisconnected"), False),
    ],
)
async def test_what_the_server_says_no_to(
    fault: Fault, expected: PermanentDeliveryError | TransientDeliveryError, is_kept: bool
) -> None:
    async with mailing(fault) as (played, channel):
        with pytest.raises(type(expected)) as refused:
            await channel.send(an_envelope(), MESSAGE)
        assert str(refused.value) == str(expected)
        assert refused.value.__cause__ is None
        assert "hana" not in repr(refused.value)
        assert played.messages == []
        await channel.send(an_envelope(), MESSAGE)
        assert (len(played.messages), played.connections) == (1, 1 if is_kept else 2)


async def test_a_lost_answer_is_sent_again_under_the_same_message_id() -> None:
    """RFC 5321, 6.1: whether it was taken is not known. The mailbox sees one and the same e-mail twice."""
    envelope = an_envelope()
    async with mailing(("DATA", "hang up")) as (played, channel):
        with pytest.raises(TransientDeliveryError, match="smtp_unanswered"):
            await channel.send(envelope, CAMPAIGN)
        assert (played.tries, len(played.messages)) == (1, 1), "the channel repeats nothing by itself"
        await channel.send(msgspec.structs.replace(envelope, attempts=2), CAMPAIGN)
    first, second = played.messages
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550 5.1.1 no such user", "bounced"),
        ("550 no such user", "bounced"),
        ("552 5.2.2 mailbox full", "failed"),
        ("550 5.7.1 blocked by policy", "failed"),
        ("450 4.1.1 later", None),
    ],
)
async def test_an_address_that_the_server_refuses_is_told(answer: str, kind: ReportKind | None) -> None:
    books = Books()
    async with open_mail_server([("RCPT", answer)]) as played:
        channel = channel_to(played.url, books)
        with pytest.raises((PermanentDeliveryError, TransientDeliveryError)):
            await channel.send(an_envelope(), CAMPAIGN)
        await channel.close()
    assert [told for _, told in books.recorded] == ([] if kind is None else [kind])


@pytest.mark.parametrize(
    ("books", "expected"),
    [
        (Books(refusal="no_consent"), PermanentDeliveryError("no_consent")),
        (Books(wait_s=4), TransientDeliveryError("paced", 4)),
    ],
)
async def test_a_campaigns_e_mail_is_asked_for_and_a_code_is_not(books: Books, expected: Exception) -> None:
    async with open_mail_server() as played:
        channel = channel_to(played.url, books)
        with pytest.raises(type(expected)) as refused:
            await channel.send(an_envelope(), CAMPAIGN)
        assert vars(refused.value) == vars(expected)
        await channel.send(an_envelope(), MESSAGE)
        await channel.close()
    assert len(played.messages) == 1


async def test_nobody_listens() -> None:
    async with mailing() as (_, channel):
        pass
    with pytest.raises(TransientDeliveryError):
        await channel.send(an_envelope(), MESSAGE)


def a_server(
    port: int, *, tls: bool = False, start_tls: bool = False, login: tuple[str | None, str | None] = (None, None)
) -> SmtpServer:
    return SmtpServer(
        host="127.0.0.1", port=port, use_tls=tls, start_tls=start_tls, username=login[0], password=login[1]
    )


@pytest.mark.parametrize("way", ["tls", "start_tls"])
async def test_tls_and_a_login(tmp_path: Path, way: str) -> None:
    """Whoever is not trusted gets nothing, and so does who does not know us."""
    context = make_peer_context(tmp_path)
    context.set_alpn_protocols([])
    trusting = ssl.create_default_context(cafile=tmp_path / "root.pem")
    is_tls = way == "tls"
    login = ("noren", "secret")
    async with open_mail_server(login=login, **{way: context}) as played:  # type: ignore[arg-type]
        server = a_server(played.port, tls=is_tls, start_tls=not is_tls, login=login)
        with pytest.raises(TransientDeliveryError):
            await channel_to(server).send(an_envelope(), MESSAGE)
        wrong = a_server(played.port, tls=is_tls, start_tls=not is_tls, login=("noren", "wrong"))
        with pytest.raises(TransientDeliveryError, match="smtp_login"):
            await channel_to(wrong, tls_context=trusting).send(an_envelope(), MESSAGE)
        assert played.messages == []
        channel = channel_to(server, tls_context=trusting)
        await channel.send(an_envelope(), MESSAGE)
        await channel.send(an_envelope(), MESSAGE)
        await channel.close()
    assert len(played.messages) == 2


async def test_where_starttls_is_demanded_and_not_offered_nothing_goes() -> None:
    async with open_mail_server() as played:
        with pytest.raises(TransientDeliveryError):
            await channel_to(a_server(played.port, start_tls=True)).send(an_envelope(), MESSAGE)
        assert (played.messages, played.tries) == ([], 0)


@pytest.mark.parametrize(
    "changes",
    [{"unsubscribe_url": "a\nb"}, {"recipient": "=?utf-8?q?a=0abcc=3ax=40y.example?=@example.com"}],
)
async def test_what_no_header_can_hold_is_given_up(changes: dict[str, str]) -> None:
    async with mailing() as (played, channel):
        with pytest.raises(PermanentDeliveryError, match="unwritable"):
            await channel.send(an_envelope(), msgspec.structs.replace(CAMPAIGN, **changes))
    assert played.messages == []
