"""Which fields the form of each provider has, and what was typed as the API's body. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import msgspec

ProviderKind = Literal["line", "phone", "mail", "messenger", "google_wallet"]
PROVIDERS: Sequence[ProviderKind] = get_args(ProviderKind)
FieldKind = Literal["text", "secret", "number", "time", "colour", "tick", "choice"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """Named as in the API. `is_removable`: a secret that can be taken away."""

    name: str
    kind: FieldKind = "text"
    is_required: bool = False
    most: int = 500
    choices: Sequence[str] = ()
    is_removable: bool = False


def _text(name: str, most: int = 500, *, is_required: bool = False) -> Field:
    return Field(name=name, most=most, is_required=is_required)


def _secret(name: str, *, is_removable: bool = False) -> Field:
    return Field(name=name, kind="secret", most=1000, is_removable=is_removable)


FORMS: Mapping[ProviderKind, Sequence[Field]] = {
    "line": (
        _text("channel_id", 20, is_required=True),
        _secret("channel_secret"),
        _secret("access_token"),
        _text("login_channel_id", 20),
        _text("liff_id", 41),
        _text("link_url"),
    ),
    "phone": (
        Field(name="sms_route", kind="choice", choices=("", "dialect", "direct")),
        _text("api_url", 300),
        _text("account_sid", 64),
        _secret("auth_token", is_removable=True),
        _text("sms_sender", 34),
        _text("voice_sender", 16),
        _secret("signing_key", is_removable=True),
        _secret("shared_key", is_removable=True),
        _text("direct_url", 300),
        _text("direct_sender", 34),
        _secret("direct_key", is_removable=True),
        _text("currency", 3, is_required=True),
        Field(name="segment_price", kind="number", is_required=True, most=13),
        Field(name="call_price", kind="number", is_required=True, most=13),
        Field(name="day_cap", kind="number", is_required=True, most=13),
        Field(name="calls_from", kind="time", is_required=True),
        Field(name="calls_until", kind="time", is_required=True),
        _text("spoken_address", 200),
    ),
    "mail": (
        _text("sender_name", 100, is_required=True),
        _text("postal_address", 300, is_required=True),
        _text("contact", 200, is_required=True),
        Field(name="per_minute", kind="number", most=6),
        Field(name="is_double_opt_in", kind="tick"),
    ),
    "messenger": (
        _text("page_id", 20, is_required=True),
        _secret("app_secret"),
        _secret("access_token"),
        _secret("verify_token"),
    ),
    "google_wallet": (
        _text("logo_url", is_required=True),
        Field(name="background_color", kind="colour", most=7),
    ),
}
REMOVABLE: frozenset[ProviderKind] = frozenset({"line", "messenger"})
REMOVAL = "remove_"


def read_body(provider: ProviderKind, typed: Mapping[str, str]) -> dict[str, Any]:
    """What is left empty is left out: a secret stays as it is, all else is none. What cannot be read stays a text, and
    the API's own rule refuses it at its name.
    """
    body: dict[str, Any] = {}
    for field in FORMS[provider]:
        text = typed.get(field.name, "").strip()
        if field.kind == "tick":
            body[field.name] = text == "1"
        elif field.kind == "choice":
            body[field.name] = text or None
        elif text:
            body[field.name] = int(text) if field.kind == "number" and text.isascii() and text.isdigit() else text
        elif field.is_removable and typed.get(REMOVAL + field.name) == "1":
            body[field.name] = None
    return body


def name_field(provider: ProviderKind, error: msgspec.ValidationError) -> str | None:
    """The field that the API's rule names; None where it names none of the form's."""
    said = str(error)
    return next((each.name for each in FORMS[provider] if f"$.{each.name}`" in said or f"`{each.name}`" in said), None)


def end_of(secret: str | None) -> str:
    """By which an owner knows it again: of a long one its last four letters. Empty where there is none."""
    if secret is None:
        return ""
    return f"…{secret[-4:]}" if len(secret) >= 16 else "…"
