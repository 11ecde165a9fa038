"""`POST /v1/clients/owntracks`: the OwnTracks apps in HTTP mode.

One JSON object a request, with HTTP Basic, whose password is the device's (locate) token. Fixes and the transitions of
regions are read; everything else that the app may send, an empty body too, is taken and ignored. The answer is a list
of commands: empty, or the regions that the phone should watch from now on (server.locations.waypoints).
"""

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from litestar import asgi
from litestar.datastructures import State
from litestar.openapi.spec import Operation
from litestar.types import HTTPScope, Receive, Send

from geo.fix import Fix, RegionEvent, RegionEventByEnd, RegionEventFix
from ids import GeofenceId
from server.description.operations import Bodies, describe_asgi
from server.locations.fixes import RefusedFix, separate_refused
from server.locations.locate import TokenMismatch
from server.locations.uploads import (
    find_authorization,
    read_or_drain,
    read_or_salvage,
    send_json,
    state_of,
    submit,
)
from server.locations.waypoints import OwnTracksCommand, WaypointSync, read_id_end
from server.problems import Problem
from server.web.auth import read_locating_token
from server.web.salvage import read_text, read_value
from server.web.tokens import DeviceToken, LocateToken

MAX_BODY_BYTES = 1_000_000  # the app may send pictures of places
MAX_DRAINED_BYTES = 64_000_000
RETRY_AFTER_S = 60
READ_TYPES = ("location", "transition")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS: dict[str, Literal["enter", "exit"]] = {"enter": "enter", "leave": "exit"}


class OwnTracksMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the OwnTracks app, as its booklet describes it. Other fields are ignored."""

    type: str = msgspec.field(default="", name="_type")
    """`location` and `transition` are read; a message of any other type is accepted and ignored."""
    lat: float | None = None
    """Latitude in degrees, WGS 84."""
    lon: float | None = None
    """Longitude in degrees, WGS 84."""
    tst: float | None = None
    """When the location was recorded, in seconds since 1970."""
    acc: float | None = None
    """Accuracy in metres."""
    event: str | None = None
    """Of a transition: `enter` or `leave`."""
    rid: str | None = None
    """Of a transition: the region's id, which is the geofence's. Android does not send it."""
    desc: str | None = None
    """Of a transition: the `desc` of the waypoint. Read where there is no `rid`."""
    wtst: float | None = None
    """Of a transition: the `tst` of the waypoint. Read where there is no `rid`."""


class _Kind(msgspec.Struct, frozen=True):
    type: str = msgspec.field(default="", name="_type")


@asgi("/v1/clients/owntracks", copy_scope=False)
async def upload_from_owntracks(scope: HTTPScope, receive: Receive, send: Send) -> None:
    token = read_locating_token(find_authorization(scope), as_password=True)
    body = await read_or_drain(receive, MAX_BODY_BYTES, MAX_DRAINED_BYTES)
    await send_json(send, await _take(state_of(scope), token, body))


async def take_short(state: State, authorization: str | None, body: bytes) -> list[OwnTracksCommand]:
    """What came by the short way (server.locations.short_ways)."""
    return await _take(state, read_locating_token(authorization, as_password=True), body)


async def _take(state: State, token: DeviceToken | LocateToken, body: bytes | None) -> list[OwnTracksCommand]:
    fixes, refused = await read_or_salvage(read_message, salvage_message, body)
    try:
        located = await submit(state, token, fixes, refused)
    except TokenMismatch:
        # iOS throws its oldest record away at any 4xx; this one can still be delivered, with the new token.
        detail = "The device has a newer token. Make it the app's password; then the app delivers what it has kept."
        raise Problem("unavailable", detail, retry_after_s=RETRY_AFTER_S) from None
    if not located.accepted:
        return []
    sync: WaypointSync = state.waypoints
    return await sync.make_commands(token.member_id, token.device_id, fixes[0])


def read_message(body: bytes) -> tuple[list[Fix], list[RefusedFix]]:
    """The fix of a message, or that it was refused; neither for what is no location.

    Raises msgspec.DecodeError for what is no JSON, or no message.
    """
    if not body.strip() or msgspec.json.decode(body, type=_Kind).type not in READ_TYPES:
        return [], []
    return separate_refused([_to_fix(msgspec.json.decode(body, type=OwnTracksMessage, strict=False))])


def salvage_message(body: bytes) -> tuple[list[Fix], list[RefusedFix]]:
    """The same for a message in which something cannot be decoded: it counts only where it matters."""
    try:
        value = read_value(read_text(body))
        if msgspec.convert(value, _Kind).type not in READ_TYPES:
            return [], []
        message = msgspec.convert(value, OwnTracksMessage, strict=False)
    except (ValueError, RecursionError, OverflowError):
        return [], [RefusedFix(0, "malformed")]
    return separate_refused([_to_fix(message)])


def describe() -> Bodies:
    operation = Operation(
        tags=["Locations"],
        summary="Upload from OwnTracks",
        operation_id="uploadFromOwnTracks",
        security=[{"locator_password": []}, {"locator": []}],
        description="HTTP Basic with the locate token, or the device token, as the password; see docs/clients.md. "
        "Answers 200 whatever the message holds, and 503 where the device has a newer token.",
    )
    return describe_asgi("/v1/clients/owntracks", operation, OwnTracksMessage, list[OwnTracksCommand])


def _to_fix(message: OwnTracksMessage) -> Fix | None:
    if message.lat is None or message.lon is None or message.tst is None:
        return None
    try:
        recorded_at = _EPOCH + timedelta(seconds=message.tst)
    except (OverflowError, ValueError):
        return None
    # The app leaves out what is zero or unknown.
    return RegionEventFix(message.lat, message.lon, message.acc or None, recorded_at, False, _to_region_event(message))


def _to_region_event(message: OwnTracksMessage) -> RegionEvent | RegionEventByEnd | None:
    """None for a region that is not one of ours."""
    kind = _KINDS.get(message.event or "")
    if kind is None:
        return None
    if message.rid is None:
        id_end = read_id_end(message.desc or "", message.wtst or 0)
        return None if id_end is None else RegionEventByEnd(kind, id_end)
    try:
        return RegionEvent(kind, GeofenceId(UUID(message.rid)))
    except ValueError:
        return None
