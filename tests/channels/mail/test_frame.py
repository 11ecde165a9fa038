"""What stands below the words of a campaign's e-mail."""

import pytest

from channels.mail.email_parts import make_parts
from channels.mail.frame import MailSender, make_frame, sign_campaign_mail
from channels.messages import EmailMessage, MailOwner
from ids import MemberId
from kit.ids import new_id

SENDER = MailSender(
    name="喫茶さくら\n株式会社", postal_address="東京都新宿区 <1>", contact="https://kissa.example/contact"
)
STOP = "https://m.example/mail/unsubscribe/abc"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("ja", ["送信者：喫茶さくら 株式会社", "住所：東京都新宿区 <1>", "お問い合わせ：", "メールの配信を停止する"]),
        ("en", ["Sent by 喫茶さくら 株式会社", "Questions and complaints:", "Unsubscribe from these e-mails"]),
        ("zh-Hant", ["Sent by 喫茶さくら 株式会社", "Unsubscribe from these e-mails"]),
    ],
)  # fmt: skip
def test_the_law_finds_its_lines_in_both_parts(language: str, lines: list[str]) -> None:
    parts = make_parts("# 新しい豆\n\n入りました。", make_frame(SENDER, language, "新しい豆", STOP))
    assert [line for line in lines if line not in parts.text] == []
    assert STOP in parts.text
    assert f'href="{STOP}"' in parts.html
    assert "東京都新宿区 &lt;1&gt;" in parts.html


@pytest.mark.parametrize(
    ("contact", "url"),
    [
        ("https://kissa.example", "https://kissa.example"),
        ("hi@kissa.example", "mailto:hi@kissa.example"),
        ("03-1", None),
    ],
)
def test_where_questions_go(contact: str, url: str | None) -> None:
    sender = MailSender(name="a", postal_address="b", contact=contact)
    assert make_frame(sender, "ja", "t", STOP).below[2].url == url


def test_what_the_channel_needs_beside_the_words() -> None:
    owner = MailOwner(MemberId(new_id()), b"abcd")
    mail = sign_campaign_mail(EmailMessage("a@b.example", "s", "b"), SENDER, owner, STOP, is_counted=True)
    assert (mail.sender_name, mail.unsubscribe_url, mail.owner, mail.is_counted) == (
        "喫茶さくら 株式会社",
        STOP,
        owner,
        True,
    )
