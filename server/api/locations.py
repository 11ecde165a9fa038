"""`POST /v1/locations`: the hot route, an ASGI handler within Litestar.

Measured: half of a request's time went into building Request and Response objects and into the metrics of the
general middleware. Here the body is read, the command submitted and the receipt sent with nothing in between.
"""

from collections.abc import Iterable, Mapping
from typing import cast
from uuid import UUID

import msgspec
from litestar import asgi
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, PathItem, Reference, RequestBody, Schema
from litestar.types import Receive, Scope, Send

from kit.clock import utc_now
from server.api.fixes import Locations, Refused, read_fixes
from server.auth import read_device_token
from server.flows.locate import LocateCommand, Located
from server.metrics import FIXES
from server.problems import Problem
from server.services import Services

MAX_BODY_BYTES = 1_000_000


class Receipt(msgspec.Struct, frozen=True):
    """Every fix is counted once: accepted, late (not newer than what came before), future, mocked, dropped for lack of
    consent, or refused. `coupons` are the ids of those that this upload earned."""

    accepted: int
    late: int
    future: int
    mocked: int
    no_consent: int
    refused: list[Refused]
    coupons: list[UUID]


_ENCODER = msgspec.json.Encoder()


@asgi("/v1/locations", copy_scope=False)
async def upload_locations(scope: Scope, receive: Receive, send: Send) -> None:
    services: Services = scope["litestar_app"].state.services
    token = read_device_token(_find_authorization(scope["headers"]))
    fixes, refused = read_fixes(await _read_body(receive))
    command = LocateCommand(token.member_id, token.device_id, token.secret_hash, fixes, utc_now())
    located = await services.locating.submit(command)
    _count(located, len(refused))
    receipt = Receipt(
        located.accepted,
        located.late,
        located.future,
        located.mocked,
        located.no_consent,
        refused,
        located.coupons,
    )
    await _send_json(send, _ENCODER.encode(receipt))


def describe() -> tuple[PathItem, dict[str, Schema]]:
    """The route's OpenAPI path item and the component schemas that it refers to: Litestar describes no ASGI handler."""
    template = "#/components/schemas/{name}"
    _, components = msgspec.json.schema_components([Locations, Receipt], ref_template=template)
    body = OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Locations"))
    answer = OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Receipt"))
    operation = Operation(
        tags=["Locations"],
        summary="Upload fixes",
        operation_id="UploadLocations",
        description="A bad fix is told by its index and reason and never holds up the good ones.",
        request_body=RequestBody(content={"application/json": body}, required=True),
        responses={"200": OpenAPIResponse(description="What became of them", content={"application/json": answer})},
    )
    # JSON Schema as msgspec writes it is what the document holds.
    return PathItem(post=operation), cast("dict[str, Schema]", components)


def _find_authorization(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    return next((value.decode("latin-1") for name, value in headers if name == b"authorization"), None)


async def _read_body(receive: Receive) -> bytes:
    body = b""
    while True:
        event = cast("Mapping[str, object]", await receive())
        if event["type"] == "http.disconnect":
            raise Problem("invalid-request", "Send the whole body.")
        body += cast("bytes", event.get("body", b""))
        if len(body) > MAX_BODY_BYTES:
            raise Problem("body-too-large", f"Send at most {MAX_BODY_BYTES} bytes at once.")
        if not event.get("more_body"):
            return body


async def _send_json(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _count(located: Located, refused: int) -> None:
    FIXES["accepted"].inc(located.accepted)
    for outcome in ("late", "future", "mocked", "no_consent"):
        if times := getattr(located, outcome):
            FIXES[outcome].inc(times)
    if refused:
        FIXES["refused"].inc(refused)
