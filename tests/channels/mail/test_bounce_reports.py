"""What mailboxes report, as their servers write it; and what nobody but us can have said."""

from typing import Literal

import pytest

from channels.mail.bounce_reports import ReportKind, judge_refusal, read_report
from channels.mail.links import count_links
from channels.mail.tokens import Link, MailOrigin, make_message_id, make_return_address, seal_link, unseal_link
from channels.messages import EmailMessage
from ids import MemberId
from kit.ids import new_id
from kit.sealing import Keyring
from tests.support.mail_reports import a_complaint, a_delivery_report

KEYRING, STRANGER = Keyring(b"k" * 32), Keyring(b"s" * 32)
ORIGIN = MailOrigin(MemberId(new_id()), b"\x00\xffab", new_id())
MESSAGE_ID = make_message_id(KEYRING, ORIGIN, "kissa.example")


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("failed", "5.1.1", "bounced"),
        ("Failed", "5.1.10", "bounced"),
        ("failed", "5.2.1", "bounced"),
        ("failed", "5.2.2", "failed"),
        ("failed", "5.7.1 (blocked)", "failed"),
        ("failed", "4.4.7", "failed"),
        ("delayed", "4.4.1", None),
        ("delivered", "2.0.0", None),
        ("relayed", "2.0.0", None),
    ],
)
def test_delivery_reports(action: str, status: str, kind: ReportKind | None) -> None:
    report = read_report(KEYRING, a_delivery_report(MESSAGE_ID, action=action, status=status))
    assert (None if report is None else (report.kind, report.origin)) == (None if kind is None else (kind, ORIGIN))


@pytest.mark.parametrize("enclosed", ["message/rfc822", "text/rfc822-headers"])
def test_complaints(enclosed: Literal["message/rfc822", "text/rfc822-headers"]) -> None:
    report = read_report(KEYRING, a_complaint(MESSAGE_ID, enclosed=enclosed))
    assert report is not None
    assert (report.kind, report.origin) == ("complained", ORIGIN)
    assert read_report(KEYRING, a_complaint(MESSAGE_ID, feedback="not-spam")) is None


def test_a_report_without_the_e_mail_is_known_by_where_it_came_back_to() -> None:
    back_to = make_return_address(KEYRING, ORIGIN, "bounces@kissa.example")
    report = read_report(KEYRING, a_delivery_report("<other@mx.example>", to=back_to.upper()))
    assert report is not None
    assert report.origin == MailOrigin(ORIGIN.member_id, ORIGIN.address_tag, None)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 1000,
        b"Subject: I am away\r\n\r\nuntil Monday",
        a_delivery_report(make_message_id(STRANGER, ORIGIN, "kissa.example")),
        a_delivery_report(MESSAGE_ID.replace("<", "<a", 1)),
        a_delivery_report("<>"),
        a_delivery_report("<" + "é" * 99 + "@x>"),
        a_delivery_report("<x@y>", to=make_return_address(STRANGER, ORIGIN, "bounces@kissa.example")),
        a_delivery_report(MESSAGE_ID).replace(b"multipart/report", b"multipart/mixed"),
        a_delivery_report(MESSAGE_ID)[:300],
        a_complaint(MESSAGE_ID).replace(b"Feedback-Type", b"X-Nothing"),
    ],
    ids=range(11),
)
def test_what_is_no_report_of_ours(raw: bytes) -> None:
    assert read_report(KEYRING, raw) is None


def test_every_cut_of_a_report_is_read_without_a_fault() -> None:
    raw = a_complaint(MESSAGE_ID)
    for end in range(0, len(raw), 7):
        read_report(KEYRING, raw[:end])


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        (550, "no such user", "bounced"),
        (554, "no", "failed"),
        (550, "5.7.1 policy", "failed"),
        (550, "5.1.1", "bounced"),
    ],
)
def test_refusals(code: int, words: str, kind: ReportKind) -> None:
    assert judge_refusal(code, words) == kind


def test_links_are_sealed_and_each_serves_its_purpose() -> None:
    link = Link("click", ORIGIN.member_id, ORIGIN.address_tag, ORIGIN.message_id, "https://kissa.example/豆?a=1")
    token = seal_link(KEYRING, link)
    assert unseal_link(KEYRING, "click", token) == link
    assert ORIGIN.member_id.hex not in token
    for text in (
        token[:-2],
        token + "AAAA",
        token.swapcase(),
        "",
        "é",
        "A" * 5,
        token.replace("A", "B", 1) + "=",
        token + "=",
    ):
        assert unseal_link(KEYRING, "click", text) in (None, link if text == token else None)
    assert unseal_link(KEYRING, "open", token) is None
    assert unseal_link(STRANGER, "click", token) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/report; boundary=b\n\n--b\n" + b"Content-Type: message/rfc822\n\n" * 2000,
        b"".join(b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(400)),
    ],
)
def test_an_e_mail_that_breaks_parsers_is_no_report(raw: bytes) -> None:
    """Parts within parts: the standard library reads them by recursion."""
    assert read_report(KEYRING, raw) is None


def test_words_that_look_like_a_link_are_not_counted() -> None:
    words = EmailMessage("a@b.example", "s", "t", '<p>href="https://x.example/"</p><a href="https://y.example/">y</a>')
    click = Link("click", ORIGIN.member_id, ORIGIN.address_tag, ORIGIN.message_id)
    html = count_links(KEYRING, "https://noren.example", words, click).html or ""
    assert '<p>href="https://x.example/"</p>' in html
    assert html.count("/mail/click/") == 1
