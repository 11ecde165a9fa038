"""What Google Wallet takes of a loyalty class and object: the names, the sorts and the limits of their fields.

Source: https://developers.google.com/wallet/reference/rest/v1/loyaltyclass and …/loyaltyobject, with the types that
they name. Only what is written here is known to the double: anything else is refused, as Google refuses a typing error.
"""

from typing import Annotated, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=5000)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+\.[A-Za-z0-9._-]+$", max_length=200)]
Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Https = Annotated[str, msgspec.Meta(pattern="^https://")]


class Part(msgspec.Struct, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """Anything with fields."""


class TranslatedString(Part):
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}(-[A-Z]{2})?$")]
    value: Text


class LocalizedString(Part):
    default_value: TranslatedString
    translated_values: list[TranslatedString] = []


class ImageUri(Part):
    uri: Https


class Image(Part):
    source_uri: ImageUri
    content_description: LocalizedString | None = None


class Location(Part):
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]


class TextModule(Part):
    id: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]+$")]
    header: Text
    body: Text
    localized_header: LocalizedString
    localized_body: LocalizedString


class Balance(Part):
    int: Int32 | None = None
    string: str | None = None


class LoyaltyPoints(Part):
    label: Text
    localized_label: LocalizedString
    balance: Balance


class TotpParameters(Part):
    key: Annotated[str, msgspec.Meta(pattern="^([0-9A-F]{2})+$")]
    value_length: Annotated[int, msgspec.Meta(ge=6, le=8)]


class TotpDetails(Part):
    period_millis: Annotated[str, msgspec.Meta(pattern="^[1-9][0-9]*$")]  # an int64 is a string in Google's JSON
    algorithm: Literal["TOTP_SHA1"]
    parameters: Annotated[list[TotpParameters], msgspec.Meta(min_length=1)]


class RotatingBarcode(Part):
    type: Literal["QR_CODE", "PDF_417"]
    value_pattern: Annotated[str, msgspec.Meta(pattern=r"\{totp_value_0\}")]
    totp_details: TotpDetails
    alternate_text: Text


class PassConstraints(Part):
    screenshot_eligibility: Literal["ELIGIBLE", "INELIGIBLE"]


class LoyaltyClass(Part):
    id: Id
    issuer_name: Text
    program_name: Text
    program_logo: Image
    review_status: Literal["DRAFT", "UNDER_REVIEW"]
    hex_background_color: Annotated[str, msgspec.Meta(pattern="^#[0-9a-fA-F]{6}$")] | None = None
    account_id_label: Text | None = None
    localized_account_id_label: LocalizedString | None = None
    multiple_devices_and_holders_allowed_status: (
        Literal["MULTIPLE_HOLDERS", "ONE_USER_ALL_DEVICES", "ONE_USER_ONE_DEVICE"] | None
    ) = None


class LoyaltyObject(Part):
    id: Id
    class_id: Id
    state: Literal["ACTIVE", "COMPLETED", "EXPIRED", "INACTIVE"]
    account_id: Text | None = None
    loyalty_points: LoyaltyPoints | None = None
    secondary_loyalty_points: LoyaltyPoints | None = None
    rotating_barcode: RotatingBarcode | None = None
    text_modules_data: Annotated[list[TextModule], msgspec.Meta(max_length=10)] = []
    merchant_locations: Annotated[list[Location], msgspec.Meta(max_length=10)] = []
    pass_constraints: PassConstraints | None = None


RESOURCES: dict[str, type[LoyaltyClass] | type[LoyaltyObject]] = {
    "loyaltyClass": LoyaltyClass,
    "loyaltyObject": LoyaltyObject,
}
