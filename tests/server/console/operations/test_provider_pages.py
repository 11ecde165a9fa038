"""The pages of providers: what is set is shown without its secrets, and the API's own rules judge what is typed."""

from typing import Any

import msgspec
import pytest

from server.console.providers.forms import FORMS, PROVIDERS, ProviderKind, end_of, name_field, read_body
from server.line.channel_routes import LineChannelChange
from server.mail.settings_routes import MailSettingsChange
from server.messenger.page_routes import MessengerPageChange
from server.phone.settings_routes import PhoneSettingsChange
from server.wallets.google_routes import GoogleWalletDesignChange
from tests.support.faces import ServedFaces
from tests.support.signed_in import sign_in_as

PAGE = "/console/providers"
BODIES: dict[ProviderKind, type[msgspec.Struct]] = {
    "line": LineChannelChange,
    "phone": PhoneSettingsChange,
    "mail": MailSettingsChange,
    "messenger": MessengerPageChange,
    "google_wallet": GoogleWalletDesignChange,
}
LINE = {
    "channel_id": "1650000001",
    "channel_secret": "secret-of-the-channel",
    "access_token": "token-that-is-long-abcd",
}
MAIL = {"sender_name": "Kissa", "postal_address": "Tokyo", "contact": "https://kissa.example", "per_minute": "600"}


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_form_has_a_field_for_each_of_the_apis(kind: ProviderKind) -> None:
    assert sorted(each.name for each in FORMS[kind]) == sorted(BODIES[kind].__struct_fields__)


@pytest.mark.parametrize(
    ("typed", "body"),
    [
        ({"per_minute": " 60 "}, {"per_minute": 60}), ({"per_minute": "6e1"}, {"per_minute": "6e1"}),
        ({"per_minute": "-1"}, {"per_minute": "-1"}), ({"is_double_opt_in": "1"}, {"is_double_opt_in": True}),
        ({"contact": "  ", "unknown": "x"}, {}),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_the_apis_body(typed: dict[str, str], body: dict[str, Any]) -> None:
    assert read_body("mail", typed) == {"is_double_opt_in": False} | body


def test_a_secret_is_taken_away_only_where_one_says_so() -> None:
    asked = {"remove_auth_token": "1", "auth_token": "", "remove_access_token": "1"}
    assert read_body("phone", asked) == {"sms_route": None, "auth_token": None}
    assert read_body("line", asked) == {}


@pytest.mark.parametrize(("secret", "end"), [(None, ""), ("short", "…"), ("long enough to tell", "…tell")])
def test_how_a_secret_ends(secret: str | None, end: str) -> None:
    assert end_of(secret) == end


def test_the_field_that_cannot_be_read_is_named() -> None:
    for typed, name in (({"channel_id": "x"}, "channel_id"), ({}, "channel_id")):
        with pytest.raises(msgspec.ValidationError) as caught:
            msgspec.convert(read_body("line", typed), LineChannelChange)
        assert name_field("line", caught.value) == name


async def test_line_is_connected_shown_without_its_secrets_and_disconnected(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    path = f"{PAGE}/line"
    wrong = await owner.fill(path, **LINE | {"channel_id": "<b>x"})
    assert (wrong.status_code, "Check: Channel ID" in wrong.text, "&lt;b&gt;x" in wrong.text) == (422, True, True)
    assert LINE["access_token"] not in wrong.text
    assert (await owner.fill(path, channel_id="1650000001")).status_code == 422, "secrets that were never sent"
    assert (await owner.fill(path, **LINE)).status_code == 303
    shown = (await owner.open(path)).text
    assert 'value="1650000001"' in shown
    assert "ends …abcd" in shown
    assert not [secret for secret in list(LINE.values())[1:] if secret in shown]
    assert (await owner.fill(path, channel_id="1650000001", login_channel_id="7")).status_code == 303, "secrets stay"
    assert (await chain.owner.get("/v1/program/line")).json()["login_channel_id"] == "7"
    refused = await owner.fill(path, channel_id="1650000001", liff_id="8-a")
    assert (refused.status_code, "login_channel_id names" in refused.text) == (422, True)
    assert (await owner.fill(f"{path}/removal", at=path)).status_code == 303
    assert (await chain.owner.get("/v1/program/line")).status_code == 404
    assert (await owner.send(f"{path}/removal", await owner.read_form(path))).status_code == 404


async def test_mail_and_telephone_are_set_as_by_the_api(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    assert (await owner.fill(f"{PAGE}/mail", **MAIL)).status_code == 303
    settings = (await chain.owner.get("/v1/program/mail")).json()["settings"]
    assert settings == MAIL | {"per_minute": 600, "is_double_opt_in": False}
    phone = await owner.fill(f"{PAGE}/phone", currency="JPY", segment_price="3", call_price="10", day_cap="0")
    assert (phone.status_code, "Check: Calls from" in phone.text) == (422, True)
    google = await owner.fill(f"{PAGE}/google_wallet", logo_url="https://kissa.example/logo.png")
    assert (google.status_code, "has no keys for Google Wallet" in google.text) == (422, True)
    assert (await owner.open(f"{PAGE}/carrier-pigeon")).status_code == 404
    listed = (await owner.open(PAGE)).text
    assert listed.count("Set up") >= 1


async def test_only_owners_see_them(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    marketer = await sign_in_as(faces, chain, "marketer")
    assert [(await marketer.open(each)).status_code for each in (PAGE, f"{PAGE}/line")] == [403, 403]
