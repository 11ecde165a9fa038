"""A campaign's words as the message of each channel. What a member typed never becomes more than words."""

import html
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.email_parts import Frame, FrameLine
from channels.message_limits import cut_to_units, find_excess, make_line_bubble
from channels.messages import EmailMessage, LineMessage, Message, MessengerMessage, SmsMessage, VoiceMessage
from coupons.campaigns.message_texts import MessageTexts, link_to
from coupons.offers import OfferText
from coupons.reader_words import ReaderWords
from outbox.kinds import ChannelKind
from server.messages.write_message import Target, push_texts_of, write_message, write_push

TEXTS = msgspec.convert(
    {
        "push": {"ja": {"title": "{store}より", "body": "{if name}{name}様、{end}{expires}まで"}},
        "email": {
            "ja": {
                "subject": "{if name}{name}様へ{else}お客様へ{end}",
                "body": "{if name}{name}様{end}\n\n[見る]({link})",
            }
        },
        "line": {"ja": {"text": "{if name}{name}様{end}", "button": "見る"}, "en": {"text": "{offer.title}"}},
        "sms": {"en": {"text": "{if name}{name} {end}{count points | one: # point | other: # points}"}},
        "voice": {"en": {"text": "Hello"}, "ja": {"text": "こんにちは"}},
        "link": "https://card.example/{coupon_id}",
    },
    MessageTexts,
)
OFFER = {"ja": OfferText("珈琲", "一杯"), "en": OfferText("Coffee", "A cup")}
LINK = link_to(TEXTS, "7")
TARGET = Target(recipient="r", link=LINK)


def words(**values: Any) -> ReaderWords:
    return ReaderWords(
        program="Noren",
        store="銀座店",
        offer=OFFER,
        issued_at=datetime(2026, 11, 28, tzinfo=UTC),
        expires_at=datetime(2026, 11, 30, tzinfo=UTC),
        zone=ZoneInfo("Asia/Tokyo"),
        link=LINK,
        points=1250,
        values=values,
    )


def write(channel: ChannelKind, language: str, **values: Any) -> Message | None:
    return write_message(TEXTS, channel, words(**values), language, TARGET)


def test_each_channel_has_its_own_words_in_the_readers_language_or_the_nearest() -> None:
    assert write("sms", "ja") == SmsMessage("r", "1,250 points")
    assert write("voice", "en-GB") == VoiceMessage("r", "Hello", "en-US")
    assert write("voice", "ja") == VoiceMessage("r", "こんにちは", "ja-JP")
    assert write("line", "ko") == LineMessage("r", [{"type": "text", "text": "Coffee"}])
    assert write("messenger", "ja") is None, "a channel without words is not used"
    assert write("push", "ja") is None


def test_a_push_says_the_offer_where_it_has_no_words_of_its_own() -> None:
    text = write_push(push_texts_of(TEXTS, OFFER), words(name="佐藤"), "en")
    assert (text.title, text.body) == ("銀座店より", "佐藤様、11月30日(月) 09:00まで")
    plain = write_push(push_texts_of(MessageTexts(), OFFER), words(), "en")
    assert (plain.title, plain.body) == ("Coffee", "A cup")


def test_an_email_has_both_parts_and_the_frame() -> None:
    frame = Frame(language="ja", title="t", below=[FrameLine("株式会社のれん")])
    target = msgspec.structs.replace(TARGET, frame=frame)
    message = write_message(TEXTS, "email", words(name="佐藤"), "ja", target)
    assert isinstance(message, EmailMessage)
    assert (message.subject, message.body) == (
        "佐藤様へ",
        "佐藤様\n\n見る (https://card.example/7)\n\n-- \n株式会社のれん\n",
    )
    assert 'href="https://card.example/7"' in (message.html or "")


NASTY = st.text(st.sampled_from(list("{}#*_[]()<>&\"'`!|\\:/ \r\n\tnameif\u202eあ")), min_size=1, max_size=40)


@given(NASTY)
def test_what_a_member_typed_is_words_and_nothing_else(name: str) -> None:
    shown = " ".join(name.replace("\u202e", "").split())
    email = write("email", "ja", name=name)
    assert isinstance(email, EmailMessage)
    assert email.subject == (" ".join(f"{shown}様へ".split()) if shown else "お客様へ")
    assert "\n" not in email.subject
    tags = re.findall(r"<(?:a|em|strong|h1|img|script|ul|ol|hr|blockquote)\b", email.html or "")
    assert tags == ["<a"], "only the link of the campaign"
    assert f"{shown}様" in html.unescape(email.html or "") or not shown
    sms = write("sms", "en", name=name)
    assert sms == SmsMessage("r", f"{shown} 1,250 points" if shown else "1,250 points")


def test_what_line_is_sent_is_what_its_sdk_takes() -> None:
    from linebot.v3.messaging import FlexMessage, TextMessage  # noqa: PLC0415 - a second, for one process of several

    message = write("line", "ja", name="佐藤")
    assert isinstance(message, LineMessage)
    flex = FlexMessage.from_dict(message.messages[0])
    assert flex is not None
    assert flex.alt_text == "佐藤様"
    picture = make_line_bubble("a", "b", "https://c.example", "https://c.example/p.jpg")
    assert FlexMessage.from_dict(picture) is not None
    assert "hero" in picture["contents"]
    assert "hero" not in make_line_bubble("a", "b", "https://c.example", "http://c.example/p.jpg")["contents"]
    assert TextMessage.from_dict({"type": "text", "text": "a"}) is not None


@pytest.mark.parametrize(
    ("message", "fits"),
    [
        (SmsMessage("", "あ" * 670), True),
        (SmsMessage("", "あ" * 671), False),
        (SmsMessage("", "a" * 1530), True),
        (SmsMessage("", "a" * 1531), False),
        (LineMessage("", [{"type": "text", "text": "𠮷" * 2500}]), True),
        (LineMessage("", [{"type": "text", "text": "𠮷" * 2501}]), False),
        (LineMessage("", [make_line_bubble("あ" * 9000, "b", "https://c.example", None)]), True),
        (LineMessage("", [make_line_bubble("あ" * 10_000, "b", "https://c.example", None)]), False),
        (VoiceMessage("", "a" * 3000), True),
        (VoiceMessage("", "a" * 3001), False),
        (MessengerMessage("", "a" * 2000), True),
        (MessengerMessage("", "a" * 2001), False),
        (EmailMessage("", "s" * 255, "b"), True),
        (EmailMessage("", "s" * 256, "b"), False),
        (EmailMessage("", "s", "b", "h" * 90_000), True),
        (EmailMessage("", "s", "b", "h" * 90_001), False),
    ],
)
def test_limits_of_each_channel(message: Message, fits: bool) -> None:
    assert (find_excess(message) is None) is fits


def test_a_cut_leaves_whole_characters() -> None:
    assert cut_to_units("a𠮷b", 2) == "a"
    assert cut_to_units("a𠮷b", 3) == "a𠮷"
