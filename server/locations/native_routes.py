"""`POST /v1/locations`: our own batch of fixes."""

from litestar import asgi
from litestar.openapi.spec import Operation
from litestar.types import HTTPScope, Receive, Send

from server.description.operations import Bodies, describe_asgi
from server.locations.fixes import LocationUpload, read_fixes, salvage_fixes
from server.locations.uploads import (
    UploadResult,
    find_authorization,
    read_body,
    read_or_salvage,
    send_result,
    state_of,
    submit,
)
from server.web.auth import read_locating_token
from server.web.query_parameters import check_parameters

MAX_BODY_BYTES = 1_000_000


@asgi("/v1/locations", copy_scope=False)
async def upload_locations(scope: HTTPScope, receive: Receive, send: Send) -> None:
    token = read_locating_token(find_authorization(scope))
    check_parameters(scope["query_string"], {})
    body = await read_body(receive, MAX_BODY_BYTES)
    fixes, refused = await read_or_salvage(read_fixes, salvage_fixes, body)
    located = await submit(state_of(scope), token, fixes, refused)
    await send_result(send, located, refused)


def describe() -> Bodies:
    operation = Operation(
        tags=["Locations"],
        summary="Upload fixes",
        operation_id="uploadLocations",
        description="The answer lists each fix that cannot be used, with its index and reason; the others are taken.",
    )
    return describe_asgi("/v1/locations", operation, LocationUpload, UploadResult)
