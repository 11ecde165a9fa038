"""A campaign's messages as one reader would get them, with what they come to in each channel."""

from typing import Any

import msgspec

from channels.message_limits import utf16_units
from channels.messages import EmailMessage, LineMessage, Message, MessengerMessage, SmsMessage, VoiceMessage
from channels.phone.phone_accounts_repository import Telephone
from channels.phone.sms_segments import SmsAlphabet, measure


class PushPreview(msgspec.Struct, frozen=True, kw_only=True):
    """A notification, as the phone shows it."""

    title: str
    """The headline."""
    body: str
    """The text below it."""
    image_url: str | None
    """The picture beside it. Null: there is none."""
    link: str | None
    """Where it leads. Null: to the coupon."""
    size_bytes: int
    """How many of the 4,096 bytes that the push service takes it has, with what the app is told."""


class EmailPreview(msgspec.Struct, frozen=True, kw_only=True):
    """An e-mail, in both of its forms; who sent it and how to be sent none stand below it as it is sent."""

    subject: str
    """What the list of messages shows."""
    html: str
    """The page. Show it apart from your own, in a frame that runs no scripts."""
    text: str
    """The same as plain text."""


class LinePreview(msgspec.Struct, frozen=True, kw_only=True):
    """A message in LINE."""

    messages: list[dict[str, Any]]
    """The message objects, as LINE's Messaging API takes them."""
    characters: int
    """How many characters the words have, as LINE counts them."""


class SmsPreview(msgspec.Struct, frozen=True, kw_only=True):
    """A text message."""

    text: str
    """The words."""
    alphabet: SmsAlphabet
    """`gsm7` holds 160 characters in one segment, `ucs2`, which Japanese needs, 70."""
    segments: int
    """In how many parts it goes; each is paid for."""
    price: int | None
    """What it would cost, in the minor unit of `currency`. Null: the program sends no texts (PUT /v1/program/phone)."""
    currency: str | None
    """In which currency (ISO 4217). Null: as above."""


class CallPreview(msgspec.Struct, frozen=True, kw_only=True):
    """A call, in which the words are read out."""

    text: str
    """The words."""
    language: str
    """In which they are read out."""
    price: int | None
    """What it would cost, in the minor unit of `currency`. Null: the program makes no calls (PUT /v1/program/phone)."""
    currency: str | None
    """In which currency (ISO 4217). Null: as above."""


class WordsPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What is said in Messenger."""

    text: str
    """The words."""
    language: str
    """In which they are written."""


class MessagePreviews(msgspec.Struct, frozen=True, kw_only=True):
    """The messages of one coupon to one reader. Null: the campaign does not use the channel."""

    push: PushPreview | None
    """The push. Null too where the trigger sends nothing."""
    email: EmailPreview | None
    """The e-mail."""
    line: LinePreview | None
    """The message in LINE."""
    sms: SmsPreview | None
    """The text message."""
    voice: CallPreview | None
    """The call."""
    messenger: WordsPreview | None
    """The message in Messenger."""


def view_email(message: Message | None) -> EmailPreview | None:
    if not isinstance(message, EmailMessage):
        return None
    return EmailPreview(subject=message.subject, html=message.html or "", text=message.body)


def view_line(message: Message | None) -> LinePreview | None:
    if not isinstance(message, LineMessage):
        return None
    (shown,) = message.messages
    words = shown["text"] if shown["type"] == "text" else shown["contents"]["body"]["contents"][0]["text"]
    return LinePreview(messages=message.messages, characters=utf16_units(words))


def view_sms(message: Message | None, phone: Telephone | None) -> SmsPreview | None:
    if not isinstance(message, SmsMessage):
        return None
    size = measure(message.body)
    paid = phone if phone is not None and phone.has_sms else None
    return SmsPreview(
        text=message.body,
        alphabet=size.alphabet,
        segments=size.count,
        price=None if paid is None else size.price(paid.segment_price),
        currency=None if paid is None else paid.currency,
    )


def view_call(message: Message | None, phone: Telephone | None) -> CallPreview | None:
    if not isinstance(message, VoiceMessage):
        return None
    paid = phone if phone is not None and phone.has_voice else None
    return CallPreview(
        text=message.body,
        language=message.language,
        price=None if paid is None else paid.call_price,
        currency=None if paid is None else paid.currency,
    )


def view_words(message: Message | None, language: str) -> WordsPreview | None:
    if isinstance(message, MessengerMessage):
        return WordsPreview(text=message.body, language=language)
    return None
