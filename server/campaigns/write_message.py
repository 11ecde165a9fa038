"""A campaign's words as the message of one channel to one person. Pure: what is known of the person is handed in."""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec
from babel.core import get_global

from channels.email_parts import Frame, escape_markdown, make_parts
from channels.message_limits import make_line_bubble
from channels.messages import EmailMessage, LineMessage, Message, MessengerMessage, SmsMessage, VoiceMessage
from coupons.message_texts import EmailText, LineText, MessageTexts, PushText, ShortText
from coupons.offers import Offer
from coupons.placeholders import fill, names_in
from coupons.reader_words import ReaderWords, say
from kit.languages import choose_language, locale_of
from outbox.kinds import ChannelKind

# In a push, in an SMS and in a subject there is little room: names of more characters are cut there.
SHORT = 60
Escape = Callable[[str], str]


class Fill(Protocol):
    def __call__(self, text: str, escape: Escape, max_length: int | None) -> str:
        """The text with its values: escaped, where words are more than words, and in so many characters at most."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message goes, and what goes with it. `frame`: of an e-mail; None: the words alone.

    `picture_url`: of the campaign's picture, where phones can load it.
    """

    recipient: str
    link: str | None = None
    picture_url: str | None = None
    frame: Frame | None = None


def write_message(
    texts: MessageTexts, channel: ChannelKind, words: ReaderWords, language: str, target: Target
) -> Message | None:
    """In the reader's language, or in the nearest that there is. None: the campaign has no words for this channel.

    A push is no such message: see `write_push`.
    """
    written = texts_of(texts, channel)
    if written is None:
        return None
    chosen = choose_language(language, written)

    def fill_in(text: str, escape: Escape, max_length: int | None) -> str:
        return fill(text, say(words, chosen, names_in(text), max_length), escape)

    return make_message(written[chosen], channel, chosen, fill_in, target)


def write_push(written: Mapping[str, PushText], words: ReaderWords, language: str) -> PushText:
    """In the reader's language, or in the nearest that there is."""
    chosen = choose_language(language, written)
    text = written[chosen]
    said = say(words, chosen, names_in(text.title) | names_in(text.body), SHORT)
    return PushText(fill(text.title, said), fill(text.body, said))


def push_texts_of(texts: MessageTexts, offer: Offer) -> Mapping[str, PushText]:
    """The campaign's words for a push, or its offer's."""
    if texts.push is not None:
        return texts.push
    return {tag: PushText(text.title, text.body) for tag, text in offer.items()}


def texts_of(texts: MessageTexts, channel: ChannelKind) -> Mapping[str, EmailText | LineText | ShortText] | None:
    """None: the channel is not used, or it is a push."""
    by_channel: dict[ChannelKind, Mapping[str, EmailText | LineText | ShortText] | None] = {
        "email": texts.email,
        "line": texts.line,
        "sms": texts.sms,
        "voice": texts.voice,
        "messenger": texts.messenger,
    }
    return by_channel.get(channel)


def make_message(
    text: EmailText | LineText | ShortText, channel: ChannelKind, language: str, fill_in: Fill, target: Target
) -> Message:
    """`language`: of the text."""
    if isinstance(text, EmailText):
        return _make_email(text, language, fill_in, target)
    body = fill_in(text.text, _as_it_is, SHORT if channel == "sms" else None)
    if isinstance(text, LineText):
        return LineMessage(target.recipient, [_make_line(text, body, target)])
    if channel == "voice":
        return VoiceMessage(target.recipient, body, _spoken(language))
    return SmsMessage(target.recipient, body) if channel == "sms" else MessengerMessage(target.recipient, body)


def _make_email(text: EmailText, language: str, fill_in: Fill, target: Target) -> EmailMessage:
    subject = " ".join(fill_in(text.subject, _as_it_is, SHORT).split())  # a header has one line
    frame = target.frame or Frame(language=language, title=subject)
    parts = make_parts(fill_in(text.body, escape_markdown, None), frame)
    return EmailMessage(target.recipient, subject, parts.text, parts.html)


def _make_line(text: LineText, body: str, target: Target) -> dict[str, object]:
    if text.button is None or target.link is None:
        return {"type": "text", "text": body}
    return make_line_bubble(body, text.button, target.link, target.picture_url)


def _spoken(language: str) -> str:
    """A language with its region, as speech synthesis names voices: ja-JP."""
    locale = locale_of(language)
    likely: str = get_global("likely_subtags").get(locale.language, "")
    region = locale.territory or likely.rpartition("_")[2]
    return f"{locale.language}-{region}" if region else locale.language


def _as_it_is(value: str) -> str:
    return value
