"""How long a message of each channel may be, as its providers say. Pure.

Asked when a campaign is written, of its words with the longest values that can fill them: never when it is sent.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from channels.messages import EmailMessage, LineMessage, Message, MessengerMessage, SmsMessage, VoiceMessage
from channels.phone.sms_segments import measure

# A subject of several lines is folded; beyond this, nobody's list of messages shows it.
MAX_SUBJECT: Final = 255
# Gmail cuts a page off after 102 kB. What frames the words (sender, unsubscription) has its part of them.
MAX_HTML_BYTES: Final = 90_000
MAX_SEGMENTS: Final = 10
# https://developers.line.biz/en/reference/messaging-api/: in units of UTF-16, and of a bubble's JSON in bytes.
MAX_LINE_TEXT: Final = 5000
MAX_LINE_ALT_TEXT: Final = 1500
MAX_LINE_BUBBLE_BYTES: Final = 30_000
# Of TwiML, which is posted with the call.
MAX_VOICE: Final = 3000
MAX_MESSENGER: Final = 2000


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def size_for(channel: str) -> Callable[[str], int]:
    """By which of two texts the longer one is told, in this channel."""
    return utf16_units if channel in ("line", "sms") else _utf8_bytes


def _utf8_bytes(text: str) -> int:
    return len(text.encode())


def find_excess(message: Message) -> str | None:
    """What to do about it, as a clause. None: its channel takes it."""
    if isinstance(message, EmailMessage):
        return _excess_of_email(message)
    if isinstance(message, LineMessage):
        return _excess_of_line(message)
    if isinstance(message, SmsMessage):
        count = measure(message.body).count
        unit = "segments of SMS (70 characters each in Japanese, 160 in plain English)"
        return _excess(count, MAX_SEGMENTS, unit)
    if isinstance(message, VoiceMessage):
        return _excess(len(message.body), MAX_VOICE, "characters to be read out")
    assert isinstance(message, MessengerMessage)
    return _excess(len(message.body), MAX_MESSENGER, "characters of a message in Messenger")


def _excess(count: int, most: int, unit: str) -> str | None:
    if count <= most:
        return None
    return (
        f"shorten the words: with the longest values that can fill them they are {count} {unit}, and {most} is the most"
    )


def _excess_of_email(message: EmailMessage) -> str | None:
    size = _utf8_bytes(message.html or message.body)
    too_long = _excess(len(message.subject), MAX_SUBJECT, "characters of a subject")
    return too_long or _excess(size, MAX_HTML_BYTES, "bytes of HTML")


def _excess_of_line(message: LineMessage) -> str | None:
    (shown,) = message.messages
    if shown["type"] == "text":
        return _excess(utf16_units(shown["text"]), MAX_LINE_TEXT, "characters of a LINE message")
    return _excess(len(msgspec.json.encode(shown["contents"])), MAX_LINE_BUBBLE_BYTES, "bytes of a LINE bubble")


def cut_to_units(text: str, limit: int) -> str:
    """Its beginning, in so many units of UTF-16, with no character cut in two."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def make_line_bubble(text: str, label: str, uri: str, picture_url: str | None) -> dict[str, Any]:
    """A Flex message: the words, a button below them, and the picture above where LINE can load it."""
    bubble: dict[str, Any] = {
        "type": "bubble",
        "body": {
            "type": "box",
            "layout": "vertical",
            "contents": [{"type": "text", "text": text, "wrap": True}],
        },
        "footer": {
            "type": "box",
            "layout": "vertical",
            "contents": [
                {"type": "button", "style": "primary", "action": {"type": "uri", "label": label, "uri": uri}},
            ],
        },
    }
    if picture_url is not None and picture_url.startswith("https://"):
        bubble["hero"] = {
            "type": "image",
            "url": picture_url,
            "size": "full",
            "aspectRatio": "20:13",
            "aspectMode": "cover",
        }
    return {"type": "flex", "altText": cut_to_units(text, MAX_LINE_ALT_TEXT), "contents": bubble}
