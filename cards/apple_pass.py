"""What an Apple Wallet pass says: pass.json of a store card, and the words of its labels. Pure.

Fields and keys are those of Apple's "Wallet Passes" reference. A pass that has ended keeps nothing of its member: no
number, no balance, no place.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

import msgspec

from cards.numbers import spell_number
from kit.locales import Locale

Json = dict[str, object]

# Apple takes no more.
MAX_PLACES = 10
# Part of every fingerprint: raise it when all passes must be sent again because they are drawn differently.
_EDITION = 1
_LATIN_1 = "iso-8859-1"

STRINGS: Mapping[Locale, Mapping[str, str]] = {
    "ja": {
        "points_label": "ポイント",
        "points_changed": "ポイント残高: %@",
        "rank_label": "ランク",
        "rank_changed": "ランク: %@",
        "coupon_label": "クーポン",
        "coupon_changed": "クーポン: %@",
        "coupon_until_label": "クーポンの期限",
        "number_label": "会員番号",
        "about_label": "このカードについて",
        "about": "番号で会員を確認します。ポイントの利用とクーポンの引き換えには、アプリのコードをご提示ください。",
        "ended_label": "このカード",
        "ended": "ご利用いただけません",
    },
    "en": {
        "points_label": "Points",
        "points_changed": "Your points: %@",
        "rank_label": "Rank",
        "rank_changed": "Your rank: %@",
        "coupon_label": "Coupon",
        "coupon_changed": "Coupon: %@",
        "coupon_until_label": "Coupon valid until",
        "number_label": "Member number",
        "about_label": "About this card",
        "about": "The number tells who you are. To spend points or use a coupon, show the code in the app.",
        "ended_label": "This card",
        "ended": "No longer valid",
    },
}
_RELEVANT: Mapping[Locale, str] = {"ja": "{store}の近くです", "en": "You are near {store}"}


class PassPlace(msgspec.Struct, frozen=True):
    """A store: near it the phone offers the pass on its lock screen."""

    lat: float
    lon: float
    store_name: str


class PassCoupon(msgspec.Struct, frozen=True):
    title: str
    body: str
    expires_at: datetime


class PassMember(msgspec.Struct, frozen=True, kw_only=True):
    """`points` and `rank` None: the program has none, or the member has not. `places`: at most `MAX_PLACES`."""

    number: str
    points: int | None
    rank: str | None
    coupon: PassCoupon | None
    places: tuple[PassPlace, ...]


class PassFace(msgspec.Struct, frozen=True):
    """All that a pass shows. `member` None: it has ended."""

    program_name: str
    locale: Locale
    member: PassMember | None

    @property
    def fingerprint(self) -> bytes:
        """It differs where the pass would look different."""
        return hashlib.sha256(msgspec.msgpack.encode((_EDITION, self))).digest()


class PassIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """How Apple identifies the pass, and where a phone asks for a newer one, with which token."""

    pass_type: str
    team: str
    serial_number: str
    token: str
    web_service_url: str


def write_pass(face: PassFace, identity: PassIdentity) -> bytes:
    """pass.json."""
    member = face.member
    ending: Json = {"voided": True} if member is None else {}
    return msgspec.json.encode(
        {
            "formatVersion": 1,
            "passTypeIdentifier": identity.pass_type,
            "teamIdentifier": identity.team,
            "serialNumber": identity.serial_number,
            "authenticationToken": identity.token,
            "webServiceURL": identity.web_service_url,
            "organizationName": face.program_name,
            "description": face.program_name,
            "logoText": face.program_name,
            "foregroundColor": "rgb(255, 255, 255)",
            "labelColor": "rgb(206, 214, 224)",
            "backgroundColor": "rgb(31, 58, 95)",
            "sharingProhibited": True,
            "storeCard": _ended_fields() if member is None else _fields(member),
        }
        | ending
        | ({} if member is None else _codes(member) | _places(member, face.locale))
    )


def write_strings(locale: Locale) -> bytes:
    """pass.strings, which holds what the keys stand for in one language."""
    lines = (f'"{key}" = "{text}";\n' for key, text in STRINGS[locale].items())
    return "".join(lines).encode()


def _fields(member: PassMember) -> Json:
    fields: Json = {"backFields": _back(member)}
    if member.points is not None:
        points = {"numberStyle": "PKNumberStyleDecimal", "changeMessage": "points_changed"}
        fields["headerFields"] = [_field("points", member.points) | points]
    if member.rank is not None:
        fields["secondaryFields"] = [_field("rank", member.rank) | {"changeMessage": "rank_changed"}]
    if member.coupon is not None:
        coupon = _field("coupon", member.coupon.title) | {"changeMessage": "coupon_changed"}
        fields["auxiliaryFields"] = [coupon, _date("coupon_until", member.coupon.expires_at)]
    return fields


def _back(member: PassMember) -> list[Json]:
    fields = [_field("number", spell_number(member.number)), _field("about", "about")]
    if member.coupon is not None:
        text = {"label": member.coupon.title}
        fields.insert(0, _field("coupon_text", member.coupon.body) | text)
    return fields


def _ended_fields() -> Json:
    return {"secondaryFields": [_field("ended", "ended")]}


def _field(key: str, value: str | int) -> Json:
    return {"key": key, "label": f"{key}_label", "value": value}


def _date(key: str, at: datetime) -> Json:
    styles = {"dateStyle": "PKDateStyleMedium", "timeStyle": "PKDateStyleShort"}
    return _field(key, at.isoformat(timespec="minutes")) | styles


def _codes(member: PassMember) -> Json:
    """The phone shows the first that it can. Static both: Apple has no code that changes, so they only identify."""
    formats = ("PKBarcodeFormatCode128", "PKBarcodeFormatQR")
    text = {"message": member.number, "messageEncoding": _LATIN_1, "altText": spell_number(member.number)}
    return {"barcodes": [{"format": each} | text for each in formats]}


def _places(member: PassMember, locale: Locale) -> Json:
    if not member.places:
        return {}
    return {
        "locations": [
            {
                "latitude": place.lat,
                "longitude": place.lon,
                "relevantText": _RELEVANT[locale].replace("{store}", place.store_name),
            }
            for place in member.places
        ]
    }
