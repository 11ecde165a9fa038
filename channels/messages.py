"""A message to one person, as each channel takes it. Pure.

The tag `channel` says by which it goes, in the sealed rows of the outbox and in the sink's file.
"""

from typing import Any, Literal, TypeAlias, cast

import msgspec

from ids import MemberId
from outbox.kinds import ChannelKind


class _Message(msgspec.Struct, frozen=True, tag_field="channel"):
    """`recipient`: where it goes, in the form that the channel knows it by."""

    recipient: str


class MailOwner(msgspec.Struct, frozen=True):
    """Whose e-mail it is, and the beginning of the keyed hash of the address that it goes to."""

    member_id: MemberId
    address_tag: bytes


class EmailMessage(_Message, frozen=True, tag="email"):
    """`body` is the plain text, which goes with `html` as its other form.

    Of a campaign's (channels.mail.frame) also: `unsubscribe_url` of RFC 8058, one click; `sender_name` before the
    address that it comes from; its `owner`; and whether openings and clicks are counted.
    """

    subject: str
    body: str
    html: str | None = None
    unsubscribe_url: str | None = None
    sender_name: str | None = None
    owner: MailOwner | None = None
    is_counted: bool = False


class SmsMessage(_Message, frozen=True, tag="sms"):
    """To a phone number in E.164."""

    body: str


class LineMessage(_Message, frozen=True, tag="line"):
    """To a LINE user id: at most five of LINE's message objects."""

    messages: list[dict[str, Any]]


class VoiceMessage(_Message, frozen=True, tag="voice"):
    """To a phone number in E.164: `body` is read out, in the voice of `language` (BCP 47)."""

    body: str
    language: str = "ja-JP"


class MessengerMessage(_Message, frozen=True, tag="messenger"):
    """To somebody whom a page of Facebook knows by an id of its own."""

    body: str


Message: TypeAlias = EmailMessage | SmsMessage | LineMessage | VoiceMessage | MessengerMessage


_DECODER: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


class Words(msgspec.Struct, frozen=True):
    """What is said, before it is known by which channel. One without subjects leaves the subject out."""

    subject: str
    body: str


def channel_of(message: Message) -> ChannelKind:
    return cast("ChannelKind", message.__struct_config__.tag)


def address(words: Words, channel: Literal["email", "sms", "line", "voice", "messenger"], recipient: str) -> Message:
    """The words as the message of a channel, to one recipient."""
    if channel == "email":
        return EmailMessage(recipient, words.subject, words.body)
    if channel == "sms":
        return SmsMessage(recipient, words.body)
    if channel == "line":
        return LineMessage(recipient, [{"type": "text", "text": words.body}])
    if channel == "voice":
        return VoiceMessage(recipient, words.body)
    return MessengerMessage(recipient, words.body)


def encode_message(message: Message) -> bytes:
    return msgspec.json.encode(message)


def decode_message(encoded: bytes) -> Message:
    """Raises msgspec.DecodeError."""
    return _DECODER.decode(encoded)
