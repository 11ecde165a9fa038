"""Flex messages of a coupon and of the card, within LINE's limits whatever the texts are. Pure.

https://developers.line.biz/en/reference/messaging-api/#flex-message. A picture has to lie behind an https address, so
no code is drawn into a message: the button opens the app, which shows one.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from kit.locales import Locale

MAX_ALT_TEXT = 400
MAX_LABEL = 20
MAX_URI = 1000
MAX_BUBBLES = 12
MAX_BUBBLE_BYTES, MAX_CAROUSEL_BYTES = 30_000, 50_000
# Of texts that staff have written: what a bubble shows without becoming a scroll.
_MAX_TITLE, _MAX_BODY, _MAX_TERMS = 100, 500, 300
_GREY = "#888888"

Json = dict[str, Any]

_USE: dict[Locale, str] = {"ja": "クーポンを使う", "en": "Use the coupon"}
_OPEN: dict[Locale, str] = {"ja": "会員証を表示する", "en": "Show the card"}
_UNTIL: dict[Locale, str] = {"ja": "有効期限 {until}", "en": "Valid until {until}"}
_LEFT: dict[Locale, str] = {"ja": "あと{uses}回使えます", "en": "{uses} uses left"}
_NUMBER: dict[Locale, str] = {"ja": "会員番号", "en": "Member number"}
_POINTS: dict[Locale, str] = {"ja": "ポイント", "en": "Points"}
_RANK: dict[Locale, str] = {"ja": "ランク", "en": "Rank"}
_COUPONS: dict[Locale, str] = {"ja": "{program} のクーポン", "en": "Your coupons of {program}"}
_NONE: dict[Locale, str] = {"ja": "いま使えるクーポンはありません。", "en": "You have no coupon to use now."}
_CARD: dict[Locale, str] = {"ja": "{program} の会員証", "en": "Your card of {program}"}


class CouponFace(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a coupon, in the reader's language. `until`: in words, by the reader's clock.

    `picture_url` and `open_url` are shown where they are https and not too long.
    """

    title: str
    body: str
    terms: str | None
    until: str
    uses_left: int
    picture_url: str | None = None
    open_url: str | None = None


class CardFace(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of the card. `balance`, `rank` None: the program has none, or the member has none yet."""

    number: str
    balance: int | None
    rank: str | None
    open_url: str | None = None


def build_card(face: CardFace, locale: Locale, program_name: str) -> Json:
    title = _cut(program_name, _MAX_TITLE) or "-"
    rows = [_row(_NUMBER[locale], face.number)]
    if face.balance is not None:
        rows.append(_row(_POINTS[locale], f"{face.balance:,}"))
    if face.rank:
        rows.append(_row(_RANK[locale], _cut(face.rank, _MAX_TITLE)))
    contents = [_text(title, weight="bold", size="lg"), {"type": "separator", "margin": "md"}, *rows]
    return _flex(_fill(_CARD[locale], program=title), _bubble(contents, None, face.open_url, _OPEN[locale]))


def build_coupon(face: CouponFace, locale: Locale) -> Json:
    """One coupon, as a campaign sends it."""
    return _flex(f"{_cut(face.title, _MAX_TITLE)} {_cut(face.body, _MAX_BODY)}", _coupon_bubble(face, locale))


def build_coupons(faces: Sequence[CouponFace], locale: Locale, program_name: str) -> Json:
    """As many as a carousel holds, in the order in which they come; a sentence where there is none."""
    if not faces:
        return {"type": "text", "text": _NONE[locale]}
    bubbles: list[Json] = []
    size = len(msgspec.json.encode({"type": "carousel", "contents": []}))
    for face in faces[:MAX_BUBBLES]:
        bubble = _coupon_bubble(face, locale)
        size += len(msgspec.json.encode(bubble)) + 1
        if size > MAX_CAROUSEL_BYTES:
            break
        bubbles.append(bubble)
    alt_text = _fill(_COUPONS[locale], program=_cut(program_name, _MAX_TITLE))
    return _flex(alt_text, bubbles[0] if len(bubbles) == 1 else {"type": "carousel", "contents": bubbles})


def _coupon_bubble(face: CouponFace, locale: Locale) -> Json:
    contents = [
        _text(_cut(face.title, _MAX_TITLE) or "-", weight="bold", size="lg"),
        *([_text(body, margin="md")] if (body := _cut(face.body, _MAX_BODY)) else []),
        _text(_fill(_UNTIL[locale], until=face.until), size="sm", color=_GREY, margin="md"),
    ]
    if face.uses_left > 1:
        contents.append(_text(_fill(_LEFT[locale], uses=str(face.uses_left)), size="sm", color=_GREY))
    if face.terms and (terms := _cut(face.terms, _MAX_TERMS)):
        contents.append(_text(terms, size="xs", color=_GREY, margin="md"))
    return _bubble(contents, face.picture_url, face.open_url, _USE[locale])


def _bubble(contents: list[Json], picture_url: str | None, open_url: str | None, label: str) -> Json:
    bubble: Json = {"type": "bubble"}
    if _is_usable(picture_url):
        hero = {"type": "image", "url": picture_url, "size": "full", "aspectRatio": "20:13", "aspectMode": "cover"}
        bubble["hero"] = hero
    bubble["body"] = {"type": "box", "layout": "vertical", "contents": contents}
    if _is_usable(open_url):
        action = {"type": "uri", "label": label[:MAX_LABEL], "uri": open_url}
        button = {"type": "button", "style": "primary", "action": action}
        bubble["footer"] = {"type": "box", "layout": "vertical", "contents": [button]}
    return bubble


def _flex(alt_text: str, contents: Json) -> Json:
    return {"type": "flex", "altText": _cut(alt_text, MAX_ALT_TEXT) or "-", "contents": contents}


def _row(label: str, value: str) -> Json:
    parts = [_text(label, size="sm", color=_GREY, flex=2), _text(value, size="sm", flex=3)]
    return {"type": "box", "layout": "baseline", "margin": "md", "contents": parts}


def _text(text: str, **look: Any) -> Json:
    return {"type": "text", "text": text, "wrap": True, **look}


def _is_usable(url: str | None) -> bool:
    return url is not None and url.startswith("https://") and len(url) <= MAX_URI


def _cut(text: str, most: int) -> str:
    """Counted in UTF-16 units, as LINE counts; a character is never halved."""
    clean = text.strip()
    if _units(clean) <= most:
        return clean
    kept, units = [], 1  # for the dots
    for character in clean:
        units += _units(character)
        if units > most:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fill(text: str, **words: str) -> str:
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text
