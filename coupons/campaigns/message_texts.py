"""The words in which a campaign's messages reach people: by channel and language. Values only.

Placeholders are of coupons.placeholders. A channel without words is not used.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

MAX_LANGUAGES: Final = 30
# By what a campaign reaches members.
CampaignChannel = Literal["push", "line", "email", "sms", "voice"]
# As long as any channel takes; the channel's own limit holds for the text as it is filled (channels.message_limits).
_Title = Annotated[str, msgspec.Meta(min_length=1, max_length=100, examples=["{store}へようこそ"])]
_Body = Annotated[str, msgspec.Meta(min_length=1, max_length=500, examples=["{expires}までご利用いただけます。"])]
_Text = Annotated[
    str, msgspec.Meta(min_length=1, max_length=5000, examples=["{if name}{name}様、{end}珈琲を一杯どうぞ。"])
]


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class PushText(_Told, frozen=True):
    """A notification on the phone."""

    title: _Title
    """The headline."""
    body: _Body
    """The text below it."""


class EmailText(_Told, frozen=True):
    """An e-mail."""

    subject: Annotated[
        str, msgspec.Meta(min_length=1, max_length=200, examples=["{if name}{name}様へ、{end}珈琲を一杯"])
    ]
    """What the list of messages shows."""
    body: Annotated[
        str, msgspec.Meta(min_length=1, max_length=20_000, examples=["# ありがとうございます\\n\\n珈琲を一杯どうぞ。"])
    ]
    """The words as Markdown (CommonMark), without raw HTML and code. HTML and plain text are made from it."""


class LineText(_Told, frozen=True):
    """A message in LINE."""

    text: _Text
    """The words."""
    button: Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["クーポンを見る"])] | None = None
    """What a button below them says, which opens `link`. Null: there is none."""


class ShortText(_Told, frozen=True):
    """What is sent or read out as it stands: by SMS, by voice and in Messenger."""

    text: _Text
    """The words."""


class PushLook(_Told, frozen=True, kw_only=True):
    """How phones treat the push."""

    android_channel: Annotated[str, msgspec.Meta(min_length=1, max_length=100, examples=["coupons"])] | None = None
    """The notification channel of the Android app. Null: the one that the app has set."""
    thread_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64, examples=["coupons"])] | None = None
    """On an iPhone, notifications of one thread are shown as a group. Null: the app's."""
    interruption_level: Literal["passive", "active", "time-sensitive"] = "active"
    """On an iPhone: `passive` lights no screen and makes no sound, `time-sensitive` comes through a focus, which the
    app needs Apple's entitlement for."""
    badge: Annotated[int, msgspec.Meta(ge=0, le=99_999)] | None = None
    """The number on the app's icon. Null: it stays as it is."""
    expires_after_s: Annotated[int, msgspec.Meta(ge=0, le=28 * 24 * 3600)] | None = None
    """For how many seconds the push service keeps the push for a phone that is off; 0: for none. Null: as long as it is
    worth sending. It is never longer."""


Link = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=500,
        pattern=r"^(?!javascript|vbscript|data|file|blob|about)[a-z][a-z0-9+.-]{0,30}://[!-z|~]*(\{coupon_id\}[!-z|~]*)?(?!\n)$",
        description="a web address or one of your app, perhaps with {coupon_id} in it",
        examples=["https://card.example/coupons/{coupon_id}"],
    ),
]
PushTexts: TypeAlias = Annotated[Mapping[str, PushText], msgspec.Meta(min_length=1, max_length=MAX_LANGUAGES)]
EmailTexts: TypeAlias = Annotated[Mapping[str, EmailText], msgspec.Meta(min_length=1, max_length=MAX_LANGUAGES)]
LineTexts: TypeAlias = Annotated[Mapping[str, LineText], msgspec.Meta(min_length=1, max_length=MAX_LANGUAGES)]
ShortTexts: TypeAlias = Annotated[Mapping[str, ShortText], msgspec.Meta(min_length=1, max_length=MAX_LANGUAGES)]


class MessageTexts(_Told, frozen=True, kw_only=True, omit_defaults=True):
    """The words of each channel by language, a BCP 47 tag such as `ja`, `en` or `zh-Hant`. Who reads another language
    gets the nearest one, else English, else Japanese. A channel that is left out is not used, but for pushes."""

    push: PushTexts | None = None
    """Left out: the offer's title and body."""
    email: EmailTexts | None = None
    """E-mail, to members with a confirmed address."""
    line: LineTexts | None = None
    """LINE, to members who have linked their account."""
    sms: ShortTexts | None = None
    """SMS: up to ten segments, each of which costs."""
    voice: ShortTexts | None = None
    """A call that reads the words out."""
    messenger: ShortTexts | None = None
    """Facebook Messenger: only in answer to somebody who has just written."""
    link: Link | None = None
    """Where a push leads (`data.link`), what `{link}` in the words is and what a button opens. In words and behind a
    button it has to be a web address (https). Null: none."""
    push_look: PushLook | None = None
    """How phones treat the push. Null: as usual."""


_TEXTS = msgspec.json.Decoder(MessageTexts)


def read_texts(written: str) -> MessageTexts:
    """As the database has them."""
    return _TEXTS.decode(written)


def link_to(texts: MessageTexts, coupon_id: str) -> str | None:
    """Where the messages of a coupon lead."""
    return None if texts.link is None else texts.link.replace("{coupon_id}", coupon_id)
