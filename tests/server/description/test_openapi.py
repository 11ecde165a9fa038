"""The API's description: complete, committed, and true."""

import json
import re
from typing import Any

import pytest

from server.app import create_app
from server.description.document import PATH
from server.openapi import describe
from server.settings import Settings
from server.web.access import ROUTES
from tests.support.bodies import (
    PICTURES,
    TABLES,
    UPLOADS,
    Route,
    caller_of,
    example_of,
    read_operations,
    routes_with_body,
)
from tests.support.stage import set_stage
from tests.support.world import Chain, Json

DOCUMENT: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
OPERATIONS = read_operations()
WITH_BODY = [route for route in routes_with_body() if route not in PICTURES | TABLES]


def test_the_committed_document_is_what_the_code_describes() -> None:
    assert PATH.read_text(encoding="utf-8") == describe()


def test_every_route_is_described_with_its_credentials() -> None:
    served = {route for route in ROUTES if route[1] != "/metrics"}
    assert set(OPERATIONS) == served
    staff = dict.fromkeys(("owner", "store_manager", "marketer", "analyst"), "staff")
    schemes = staff | {"device_in_batch": "locator"}
    schemes |= {"merged_device": "device", "blocked_device": "device"}
    for route, operation in OPERATIONS.items():
        expected = {schemes.get(role, role) for role in ROUTES[route]} - {"anyone"}
        if route == ("POST", "/v1/clients/owntracks"):
            expected = {"locator_password", "locator"}
        assert {name for each in operation.get("security", []) for name in each} == expected, route
        assert operation["summary"], route
        assert "application/problem+json" in operation["responses"]["default"]["content"], route
        keys = [each for each in operation.get("parameters", []) if each["name"] == "Idempotency-Key"]
        takes_key = (
            route[0] != "GET"
            and route
            not in {
                *UPLOADS,
                ("POST", "/v1/me/card/google-wallet"),
                ("POST", "/v1/me/device/locate-token"),
                ("POST", "/v1/me/geofences/nearest"),
                ("POST", "/v1/members/search"),
                ("POST", "/v1/suppressions/search"),
                ("POST", "/v1/stores/nearest"),
                ("POST", "/v1/me/stores/nearest"),
                ("POST", "/v1/coupons/quote"),
                ("POST", "/v1/me/export"),
                ("POST", "/v1/me/erasure"),
                ("POST", "/v1/members/{member_id}/export"),
                ("POST", "/v1/sessions"),
                ("POST", "/v1/sessions/second-factor"),
                ("POST", "/v1/line-sign-ins"),
                ("DELETE", "/v1/sessions/current"),
            }
            and not route[1].startswith(("/apple-wallet/", "/line/", "/mail/", "/messenger/"))
        )
        assert len(keys) == takes_key, route


def test_operation_ids_are_verb_and_noun_and_unique() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(ids)) == len(ids)
    assert [each for each in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)+", each)] == []


def test_a_handler_is_called_like_its_operation() -> None:
    """So that whoever reads a client's call finds the code, and no method of a class hides `get` or `list`."""
    app = create_app(Settings(database_url="", secret_key=b""))
    for route in app.routes:
        for handler, _ in getattr(route, "route_handler_map", {}).values():
            if handler.operation_id is not None:
                assert (
                    re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", handler.operation_id)
                    == handler.handler_name
                )


def test_every_reference_leads_somewhere() -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)))
    assert names <= set(DOCUMENT["components"]["schemas"])
    assert DOCUMENT["openapi"].startswith("3.1")


def with_own(example: Any, own: Json) -> Any:
    """The example with these values in place of its own, wherever it names them."""
    if isinstance(example, list):
        return [with_own(each, own) for each in example]
    if not isinstance(example, dict):
        return example
    return {
        name: own[name] if name in own and value is not None else with_own(value, own)
        for name, value in example.items()
    }


@pytest.mark.parametrize("route", WITH_BODY, ids=[" ".join(route) for route in WITH_BODY])
async def test_an_example_is_taken_as_it_stands(chain: Chain, route: Route) -> None:
    """But for the ids and codes in it, which are those of somebody else."""
    stage = await set_stage(chain)
    body = example_of(OPERATIONS[route]["operationId"])
    assert body, "it has no example"
    own_ids: Json = {
        "store_id": str(stage.store_id),
        "store_ids": [str(stage.store_id)],
        "member_id": str(stage.member.id),
        "member_ids": [str(stage.member.id)],
        "scan_id": str(stage.scan_id),
    }
    if "tree" in body:
        own_ids["campaign_id"] = str(stage.campaign_id)
    body = with_own(body, own_ids)
    own_codes = {"program": chain.code, "card": stage.member.card_number}
    body |= {name: value for name, value in own_codes.items() if body.get(name) is not None}
    response = await (await caller_of(stage, route)).call(route[0], stage.path(route[1]), body)
    unlike_here = {
        ("POST", "/v1/sessions"): "login-failed",
        ("POST", "/v1/sessions/second-factor"): "second-factor-expired",
        ("PUT", "/v1/sessions/current/password"): "login-failed",
        ("POST", "/v1/password-resets/confirmation"): "password-reset-expired",
        ("POST", "/v1/till-pairings"): "pairing-code-expired",
        ("POST", "/v1/campaigns/{campaign_id}/runs"): "campaign-not-for-broadcasts",
        ("POST", "/v1/redemptions"): "coupon-unknown",
        # The member's contact is nobody's yet.
        ("POST", "/v1/me/contact-removals"): "not-found",
        ("POST", "/v1/members/{member_id}/contact-removals"): "contact-not-found",
        # The stage's campaign answers steps, and has no words for e-mail.
        ("POST", "/v1/campaigns/{campaign_id}/test-message"): "invalid-request",
        ("POST", "/v1/campaigns/{campaign_id}/paper-codes"): "invalid-request",
        ("POST", "/v1/campaigns/{campaign_id}/paper-codes/withdrawal"): "invalid-request",
        ("POST", "/v1/coupons/claim"): "paper-code-refused",
        ("POST", "/v1/me/coupon-codes"): "paper-code-refused",
        ("POST", "/v1/redemptions/undo"): "not-found",
        ("POST", "/v1/reservations"): "coupon-unknown",
        ("POST", "/v1/reservations/redeem"): "not-found",
        ("POST", "/v1/reservations/void"): "not-found",
        ("POST", "/v1/reservations/refund"): "not-found",
        ("POST", "/v1/me/verifications/{verification_id}/confirm"): "not-found",
        ("POST", "/v1/me/transfers/{transfer_id}/codes"): "not-found",
        ("POST", "/v1/me/transfers/{transfer_id}/prove"): "not-found",
        ("POST", "/v1/objections"): "not-found",
        # The program has neither a LINE channel nor a page of Facebook.
        ("POST", "/v1/line-sign-ins"): "line-not-configured",
        ("PUT", "/v1/me/line"): "line-not-configured",
        ("POST", "/v1/me/line/account-link"): "line-not-configured",
        ("POST", "/v1/members/{member_id}/messenger-replies"): "messenger-not-configured",
        # They came by no file.
        ("POST", "/v1/me/claims"): "claim-refused",
        # The member is anonymous: they have the card's code and no contact.
        ("POST", "/v1/me/data-codes"): "contact-not-found",
        ("POST", "/v1/members/{member_id}/data-codes"): "contact-not-found",
        ("POST", "/v1/me/export"): "not-found",
        ("POST", "/v1/members/{member_id}/export"): "not-found",
        ("POST", "/v1/me/erasure"): "card-code-refused",
        # Proved for somebody else's card.
        ("POST", "/v1/me/card/key"): "card-key-unusable",
        ("POST", "/v1/me/visits"): "store-code-refused",
        # The example's fix is too old.
        ("POST", "/v1/me/geofences/nearest"): "location-unusable",
        # The stage's campaign has no cap.
        ("PUT", "/v1/campaigns/{campaign_id}"): "cap-immutable",
    }
    if route in unlike_here:
        assert response.json()["type"].endswith(unlike_here[route]), response.text
    else:
        assert response.is_success, response.text


async def test_the_page_needs_nobody_elses_server(chain: Chain) -> None:
    page = (await chain.world.anyone.get("/docs")).text
    assert "swagger" in page.lower()
    for link in [*re.findall(r"""(?:src|href)=["']([^"']+)["']""", page), "/docs/openapi.json"]:
        assert link.startswith("/docs/"), link
        assert (await chain.world.anyone.get(link)).status_code == 200, link
