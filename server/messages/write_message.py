"""A campaign's words as the message of one channel to one person. Pure: what is known of the person is handed in."""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec
from babel.core import get_global

from channels.mail.email_parts import Frame, escape_markdown, make_parts
from channels.message_limits import make_line_bubble
from channels.messages import EmailMessage, LineMessage, Message, MessengerMessage, SmsMessage, VoiceMessage
from coupons.campaigns.message_texts import EmailText, LineText, MessageTexts, PushText, ShortText
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

    `picture_url`: of the campaign's picture, where phones can load it. `takes_replies`: whoever answers a text STOP is
    heard, so the text says so.
    """

    recipient: str
    link: str | None = None
    picture_url: str | None = None
    frame: Frame | None = None
    takes_replies: bool = False


# As the law wants it of advertising by text (特定電子メール法).
_STOP: Mapping[str, str] = {"ja": "配信停止はSTOPと返信", "en": "Reply STOP to end"}


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
    return make_message(written[chosen], channel, chosen, _filling(words, chosen), target)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a message, filled, before it is looked up where they go. `parts`: of the text of its channel.

    `language`: of the words. `image_path`: of the campaign's picture, from the root of the API.
    """

    language: str
    parts: Mapping[str, str | None]
    link: str | None = None
    image_path: str | None = None


def write_draft(
    texts: MessageTexts,
    channel: ChannelKind,
    words: ReaderWords,
    language: str,
    *,
    link: str | None,
    image_path: str | None,
) -> Draft:
    """The campaign has words for this channel."""
    written = texts_of(texts, channel)
    assert written, "a campaign has words for each of its channels"
    chosen = choose_language(language, written)
    filled = _fill_text(written[chosen], channel, _filling(words, chosen))
    return Draft(language=chosen, parts=msgspec.structs.asdict(filled), link=link, image_path=image_path)


def finish_draft(draft: Draft, channel: ChannelKind, target: Target) -> Message:
    """Raises TypeError where the draft has not the parts of its channel."""
    kinds: Mapping[ChannelKind, type[EmailText | LineText | ShortText]] = {"email": EmailText, "line": LineText}
    text = kinds.get(channel, ShortText)(**draft.parts)  # type: ignore[arg-type]
    return _lay_out(text, channel, draft.language, target)


def _filling(words: ReaderWords, language: str) -> Fill:
    def fill_in(text: str, escape: Escape, max_length: int | None) -> str:
        return fill(text, say(words, language, names_in(text), max_length), escape)

    return fill_in


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
    return _lay_out(_fill_text(text, channel, fill_in), channel, language, target)


def _fill_text(
    text: EmailText | LineText | ShortText, channel: ChannelKind, fill_in: Fill
) -> EmailText | LineText | ShortText:
    if isinstance(text, EmailText):
        subject = " ".join(fill_in(text.subject, _as_it_is, SHORT).split())  # a header has one line
        return EmailText(subject, fill_in(text.body, escape_markdown, None))
    body = fill_in(text.text, _as_it_is, SHORT if channel == "sms" else None)
    return LineText(body, text.button) if isinstance(text, LineText) else ShortText(body)


def _lay_out(text: EmailText | LineText | ShortText, channel: ChannelKind, language: str, target: Target) -> Message:
    """The text is filled."""
    if isinstance(text, EmailText):
        parts = make_parts(text.body, target.frame or Frame(language=language, title=text.subject))
        return EmailMessage(target.recipient, text.subject, parts.text, parts.html)
    if isinstance(text, LineText):
        return LineMessage(target.recipient, [_make_line(text, target)])
    if channel == "voice":
        return VoiceMessage(target.recipient, text.text, _spoken(language))
    if channel == "sms":
        return SmsMessage(target.recipient, _add_stop(text.text, language) if target.takes_replies else text.text)
    return MessengerMessage(target.recipient, text.text)


def _add_stop(text: str, language: str) -> str:
    return f"{text}\n{_STOP.get(language.partition('-')[0], _STOP['en'])}"


def _make_line(text: LineText, target: Target) -> dict[str, object]:
    if text.button is None or target.link is None:
        return {"type": "text", "text": text.text}
    return make_line_bubble(text.text, text.button, target.link, target.picture_url)


def _spoken(language: str) -> str:
    """A language with its region, as speech synthesis names voices: ja-JP."""
    locale = locale_of(language)
    likely: str = get_global("likely_subtags").get(locale.language, "")
    region = locale.territory or likely.rpartition("_")[2]
    return f"{locale.language}-{region}" if region else locale.language


def _as_it_is(value: str) -> str:
    return value
