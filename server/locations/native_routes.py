"""`POST /v1/locations`: our own batch of fixes."""

from litestar import asgi
from litestar.datastructures import State
from litestar.openapi.spec import Operation
from litestar.types import HTTPScope, Receive, Send

from server.description.operations import Bodies, describe_asgi
from server.locations.fixes import LocationUpload, read_fixes, salvage_fixes
from server.locations.uploads import (
    UploadResult,
    find_authorization,
    read_body,
    read_or_salvage,
    send_json,
    state_of,
    submit,
    tell_result,
)
from server.web.auth import read_locating_token
from server.web.query_parameters import check_parameters
from server.web.tokens import DeviceToken, LocateToken

MAX_BODY_BYTES = 1_000_000


@asgi("/v1/locations", copy_scope=False)
async def upload_locations(scope: HTTPScope, receive: Receive, send: Send) -> None:
    token = read_locating_token(find_authorization(scope))
    check_parameters(scope["query_string"], {})
    body = await read_body(receive, MAX_BODY_BYTES)
    await send_json(send, await _take(state_of(scope), token, body))


async def take_short(state: State, authorization: str | None, body: bytes) -> UploadResult:
    """What came by the short way (server.locations.short_ways)."""
    return await _take(state, read_locating_token(authorization), body)


async def _take(state: State, token: DeviceToken | LocateToken, body: bytes) -> UploadResult:
    fixes, refused = await read_or_salvage(read_fixes, salvage_fixes, body)
    return tell_result(await submit(state, token, fixes, refused), refused)


def describe() -> Bodies:
    operation = Operation(
        tags=["Locations"],
        summary="Upload fixes",
        operation_id="uploadLocations",
        description="The answer lists each fix that cannot be used, with its index and reason; the others are taken.",
    )
    return describe_asgi("/v1/locations", operation, LocationUpload, UploadResult)
