"""The schemas of the API's bodies: true, described field by field, and fit for generators of clients."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import jsonschema_rs
import msgspec
import pytest

from server.description.document import PATH
from server.description.problem_document import Problem
from server.description.schemas import make_schemas
from server.problems import PROBLEMS, TYPE_PREFIX
from server.problems import Problem as RaisedProblem
from tests.support.bodies import read_operations

T = TypeVar("T")
DOCUMENT: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]


class Inner(msgspec.Struct, frozen=True):
    at: datetime
    day: date | None
    opens: list[time]
    """When it opens."""


class Box(msgspec.Struct, Generic[T], frozen=True):
    content: T
    """What is in it.

    Anything."""
    kind: Literal["big", "small"] = "small"
    settings: dict[str, int] = {}
    owner: Annotated[UUID | None, msgspec.Meta(description="whose it is")] = None
    label: str | msgspec.UnsetType = msgspec.UNSET


def test_a_schema_is_what_msgspec_checks_with_names_formats_and_the_docstrings_of_fields() -> None:
    schemas = make_schemas([], [Box[Inner]])
    assert schemas.of_type == {Box[Inner]: {"$ref": "#/components/schemas/InnerBox"}}
    assert schemas.components["Inner"]["properties"] == {
        "at": {"type": "string", "format": "date-time"},
        "day": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "opens": {
            "type": "array",
            "items": {"type": "string", "format": "time-local"},
            "description": "When it opens.",
        },
    }
    box = schemas.components["InnerBox"]
    assert box["properties"]["content"] == {
        "$ref": "#/components/schemas/Inner",
        "description": "What is in it.\n\nAnything.",
    }
    assert box["properties"]["kind"] == {"enum": ["big", "small"], "type": "string", "default": "small"}
    assert "default" not in box["properties"]["settings"]
    assert box["properties"]["owner"]["description"] == "whose it is"


def test_words_of_several_kinds_are_one_enumeration() -> None:
    class Refusal(msgspec.Struct):
        reason: Literal["old", "early"] | Literal["unknown"] | None

    (schema,) = make_schemas([], [Refusal]).components.values()
    assert schema["properties"]["reason"]["anyOf"] == [
        {"enum": ["early", "old", "unknown"], "type": "string"},
        {"type": "null"},
    ]


def test_an_answer_always_has_a_field_that_a_request_may_leave_out() -> None:
    assert make_schemas([Box[Inner]], []).components["InnerBox"]["required"] == ["content"]
    assert make_schemas([], [Box[Inner]]).components["InnerBox"]["required"] == ["content", "kind", "settings", "owner"]


def test_two_types_of_one_name_are_refused() -> None:
    other = msgspec.defstruct("Inner", ["x"], module="elsewhere")
    with pytest.raises(ValueError, match="Inner"):
        make_schemas([Inner], [other])


def test_names_are_plain() -> None:
    assert [name for name in SCHEMAS if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", name)] == []


def test_every_field_is_described() -> None:
    missing = [
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, part in schema.get("properties", {}).items()
        if not part.get("description")
    ]
    assert missing == [], "write a docstring under the field (server/description/field_docs.py)"


def parts(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from parts(each)


def test_generators_of_clients_can_read_it() -> None:
    for name, schema in SCHEMAS.items():
        for part in parts(schema):
            assert not isinstance(part.get("default"), dict | list), f"{name}: generators refuse a default object"
            if isinstance(part.get("enum"), list):
                assert part.get("type") == "string", f"{name}: {part['enum']}"
            references = [each for each in part.get("anyOf", []) if "$ref" in each]
            assert len(references) < 2 or "discriminator" in part, f"{name}: a union that cannot be told apart"


def test_an_answer_that_is_a_file_is_described_as_one() -> None:
    files = {
        operation["operationId"]: media_type
        for operation in read_operations().values()
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for media_type, media in answer.get("content", {}).items()
        if media["schema"].get("format") == "binary"
    }
    pages = dict.fromkeys(("showUnsubscribePage", "unsubscribeByLink", "showOptInPage", "confirmOptIn"), "text/html")
    pictures = {
        "getCardPng": "image/png",
        "getCheckInCodePng": "image/png",
        "getPicture": "image/png",
        "countOpening": "image/gif",
    }
    drawings = dict.fromkeys(("getCardSvg", "getCheckInCodeSvg", "getEnrolmentLinkSvg"), "image/svg+xml")
    archives = dict.fromkeys(("exportMyData", "exportMemberData"), "application/zip")
    passes = dict.fromkeys(("getApplePass", "getUpdatedPass"), "application/vnd.apple.pkpass")
    words = {"verifyMessengerWebhook": "text/plain"}
    scripts = dict.fromkeys(("answerCall", "takeCallKey", "takeTextReply"), "text/xml")
    tables = dict.fromkeys(
        (
            "exportGeofences",
            "exportMemberList",
            "exportPaperCodes",
            "listAudienceMembers",
            "listCampaignResults",
            "listVisitCohorts",
            "tabulateStoreResults",
        ),
        "text/csv",
    )
    assert files == pages | pictures | drawings | archives | passes | words | scripts | tables


ANSWERS = [
    (operation["operationId"], media)
    for operation in read_operations().values()
    for status, answer in operation["responses"].items()
    if status.startswith("2")
    for media_type, media in answer.get("content", {}).items()
    if media_type == "application/json"
]


@pytest.mark.parametrize("media", [media for _, media in ANSWERS], ids=[name for name, _ in ANSWERS])
def test_the_example_of_an_answer_is_one(media: dict[str, Any]) -> None:
    assert "example" in media, "write one in the examples.py of the room"
    strict = {name: schema | {"additionalProperties": False} for name, schema in SCHEMAS.items()}
    schema = media["schema"] | {"components": {"schemas": strict}}
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(media["example"])


def test_a_problem_is_described_with_all_its_types_and_members() -> None:
    assert SCHEMAS["Problem"]["properties"]["type"]["enum"] == [TYPE_PREFIX + slug for slug in PROBLEMS]
    raised = RaisedProblem("insufficient-points", "Take no more than the balance.", balance=3)
    assert msgspec.json.encode(msgspec.json.decode(raised.body(), type=Problem)) == raised.body()
