"""What a program's loyalty class and a member's loyalty object say in Google Wallet. Pure.

Fields: https://developers.google.com/wallet/reference/rest/v1/loyaltyclass and …/loyaltyobject. A field that is None
says that there is nothing to show: it is left out of an insert, and takes away in a patch what stood there.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from cards.rotating_codes import STEP_S
from cards.totp import DIGITS, totp_prefix
from ids import MemberId, ProgramId
from kit.locales import Locale

Json: TypeAlias = dict[str, Any]
Words: TypeAlias = Mapping[Locale, str]

# Google refuses an eleventh location and shows ten texts; five of them are room enough for coupons.
MAX_LOCATIONS = 10
MAX_COUPONS = 5
_MAX_INT32 = 2**31 - 1

_NUMBER: Words = {"ja": "会員番号", "en": "Member number"}
_POINTS: Words = {"ja": "ポイント", "en": "Points"}
_RANK: Words = {"ja": "ランク", "en": "Rank"}


class GoogleProgram(msgspec.Struct, frozen=True, kw_only=True):
    """A program as its class shows it. `background_color` None: Google takes the logo's."""

    program_id: ProgramId
    name: str
    locale: Locale
    logo_url: str
    background_color: str | None


class CouponText(msgspec.Struct, frozen=True):
    title: Words
    body: Words


class GoogleCard(msgspec.Struct, frozen=True, kw_only=True):
    """A member's card as their object shows it. `locale` is the member's; `places` are (lat, lon) of stores.

    `balance` None: the program has no points; `rank` None: it has no ranks, or the member has none yet.
    """

    member_id: MemberId
    pass_id: UUID
    program_id: ProgramId
    secret: bytes
    number: str
    locale: Locale
    balance: int | None
    rank: Words | None
    coupons: Sequence[CouponText]
    places: Sequence[tuple[float, float]]


def class_id(issuer: str, program_id: ProgramId) -> str:
    return f"{issuer}.{program_id.hex}"


def object_id(issuer: str, pass_id: UUID) -> str:
    """One a pass, not one a member: an object never gets a second secret."""
    return f"{issuer}.{pass_id.hex}"


def describe_class(issuer: str, program: GoogleProgram) -> Json:
    return {
        "id": class_id(issuer, program.program_id),
        "issuerName": program.name,
        "programName": program.name,
        "programLogo": {
            "sourceUri": {"uri": program.logo_url},
            "contentDescription": {"defaultValue": {"language": program.locale, "value": program.name}},
        },
        "hexBackgroundColor": program.background_color,
        "accountIdLabel": _NUMBER[program.locale],
        "localizedAccountIdLabel": _localize(_NUMBER, program.locale),
        # One person's card, on each of their phones.
        "multipleDevicesAndHoldersAllowedStatus": "ONE_USER_ALL_DEVICES",
        # Google approves it at once, and wants the same word with every later change.
        "reviewStatus": "UNDER_REVIEW",
    }


def describe_object(issuer: str, card: GoogleCard) -> Json:
    return {
        "id": object_id(issuer, card.pass_id),
        "classId": class_id(issuer, card.program_id),
        "state": "ACTIVE",
        "accountId": card.number,
        "loyaltyPoints": None if card.balance is None else _label(_POINTS, card.locale, _spell(card.balance)),
        "secondaryLoyaltyPoints": (
            None if card.rank is None else _label(_RANK, card.locale, {"string": _choose(card.rank, card.locale)})
        ),
        "rotatingBarcode": describe_barcode(card),
        "textModulesData": [
            _describe_coupon(place, coupon, card.locale) for place, coupon in enumerate(card.coupons[:MAX_COUPONS], 1)
        ],
        "merchantLocations": [{"latitude": lat, "longitude": lon} for lat, lon in card.places[:MAX_LOCATIONS]],
        "passConstraints": {"screenshotEligibility": "INELIGIBLE"},
    }


def describe_barcode(card: GoogleCard) -> Json:
    """What a till reads is the text of `cards.totp`: the phone puts RFC 6238's digits behind the prefix."""
    return {
        "type": "QR_CODE",
        "valuePattern": totp_prefix(card.member_id, card.pass_id) + "{totp_value_0}",
        "alternateText": card.number,
        "totpDetails": {
            "algorithm": "TOTP_SHA1",
            "periodMillis": str(STEP_S * 1000),
            "parameters": [{"key": card.secret.hex().upper(), "valueLength": DIGITS}],
        },
    }


def describe_ending(issuer: str, pass_id: UUID) -> Json:
    """Of an object that has ended: Google keeps objects for ever, so everything about the member is removed from it."""
    return {
        "id": object_id(issuer, pass_id),
        "state": "INACTIVE",
        "accountId": None,
        "loyaltyPoints": None,
        "secondaryLoyaltyPoints": None,
        "rotatingBarcode": None,
        "textModulesData": [],
        "merchantLocations": [],
    }


def fingerprint(content: Json) -> bytes:
    """SHA-256, 32 bytes: equal for what would be shown alike."""
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).digest()


def without_nothing(content: Json) -> Json:
    """For an insert, where there is nothing yet that None could take away."""
    return {name: value for name, value in content.items() if value is not None}


def _label(label: Words, locale: Locale, balance: Json) -> Json:
    return {"label": label[locale], "localizedLabel": _localize(label, locale), "balance": balance}


def _spell(balance: int) -> Json:
    return {"int": balance} if balance <= _MAX_INT32 else {"string": str(balance)}


def _describe_coupon(place: int, coupon: CouponText, locale: Locale) -> Json:
    return {
        "id": f"coupon-{place}",
        "header": _choose(coupon.title, locale),
        "localizedHeader": _localize(coupon.title, locale),
        "body": _choose(coupon.body, locale),
        "localizedBody": _localize(coupon.body, locale),
    }


def _choose(words: Words, locale: Locale) -> str:
    return words.get(locale) or next(iter(words.values()))


def _localize(words: Words, locale: Locale) -> Json:
    default = locale if locale in words else next(iter(words))
    others = [{"language": each, "value": text} for each, text in sorted(words.items()) if each != default]
    return {"defaultValue": {"language": default, "value": words[default]}, "translatedValues": others}
