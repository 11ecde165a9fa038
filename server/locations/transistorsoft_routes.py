"""`POST /v1/clients/transistorsoft`: what the background-geolocation SDK of Transistor Software uploads.

React Native, Flutter, Capacitor and Cordova share one format: a record or a list of records under a root key that the
app may rename or leave out. The SDK holds its queue at any error status and sends the same record again for ever: so
whatever a record holds, the answer is 200, and what could not be read is counted and told in the receipt. Only a
missing right (401) and an outage (503) hold the queue, as they should.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from litestar import asgi
from litestar.openapi.spec import Operation, Parameter, Schema
from litestar.types import HTTPScope, Receive, Scope, Send

from geo.fix import Fix, RegionEvent, RegionEventFix
from ids import GeofenceId
from server.description.operations import Bodies, describe_asgi
from server.locations.fixes import RefusedFix, separate_refused
from server.locations.uploads import (
    UploadResult,
    find_authorization,
    read_or_drain,
    read_or_salvage,
    send_result,
    state_of,
    submit,
)
from server.web.auth import read_locating_token
from server.web.salvage import read_elements, read_text, split_members

# An SDK without maxBatchSize sends all that it has kept, at 0.5 to 1 kB a record.
MAX_BODY_BYTES = 4_000_000
MAX_DRAINED_BYTES = 64_000_000
ROOTS = ("location", "locations", "data")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS: dict[str, Literal["enter", "exit", "dwell"]] = {"ENTER": "enter", "EXIT": "exit", "DWELL": "dwell"}


class TransistorsoftCoords(msgspec.Struct, frozen=True):
    """A place. Other fields (speed, heading, altitude …) are ignored."""

    latitude: float
    """In degrees, WGS 84."""
    longitude: float
    """In degrees, WGS 84."""
    accuracy: float | None = None
    """In metres. A negative one means "not valid" on iOS: the record is refused."""


class TransistorsoftGeofenceEvent(msgspec.Struct, frozen=True):
    """An event of the phone's own geofencing. One of a geofence that is not ours is ignored."""

    identifier: str
    """The id of the geofence."""
    action: str
    """`ENTER`, `EXIT` or `DWELL`."""


class TransistorsoftRecord(msgspec.Struct, frozen=True):
    """One location. Each record is a fix, whatever its `event`; other fields (activity, battery …) are ignored."""

    coords: TransistorsoftCoords
    """Where the device was."""
    timestamp: str | int | float
    """When the location was recorded: ISO 8601 with a UTC offset, or milliseconds since 1970."""
    mock: bool = False
    """True where an app made the location up: such a record is counted and changes nothing."""
    geofence: TransistorsoftGeofenceEvent | None = None
    """The geofence event that the record came with."""


class TransistorsoftUpload(msgspec.Struct, frozen=True):
    """What the SDK sends by default. The root key may be another one, or none (see `root`)."""

    location: TransistorsoftRecord | list[TransistorsoftRecord]
    """A record, or with `batchSync` a list of records."""


class _RawRecord(TransistorsoftRecord, frozen=True):
    geofence: Any = None  # a bad event must not cost us its fix


@asgi("/v1/clients/transistorsoft", copy_scope=False)
async def upload_from_transistorsoft(scope: HTTPScope, receive: Receive, send: Send) -> None:
    token = read_locating_token(find_authorization(scope))
    body = await read_or_drain(receive, MAX_BODY_BYTES, MAX_DRAINED_BYTES)
    read, salvage = (partial(each, root=_find_root(scope)) for each in (read_records, salvage_records))
    fixes, refused = await read_or_salvage(read, salvage, body)
    located = await submit(state_of(scope), token, fixes, refused)
    await send_result(send, located, refused)


def read_records(body: bytes, root: str | None) -> tuple[list[Fix], list[RefusedFix]]:
    """The good fixes of a body and the refused ones. Raises msgspec.DecodeError where one of them is no JSON."""
    return separate_refused(_to_fix(record) for record in _find_records(msgspec.json.decode(body), root))


def salvage_records(body: bytes, root: str | None) -> tuple[list[Fix], list[RefusedFix]]:
    """The same one by one, slowly. A body that makes no sense at all is one refused record."""
    text = read_text(body)
    members = split_members(text)
    found = _find_root_member(members, root, text) or "null"
    return separate_refused(_to_fix(record) for record in read_elements(found if found[:1] == "[" else f"[{found}]"))


def describe() -> Bodies:
    root = Parameter(
        name="root",
        param_in="query",
        required=False,
        description=f"The SDK's rootProperty, where it is none of {', '.join(ROOTS)}.",
        schema=Schema(type="string"),  # type: ignore[arg-type]
    )
    operation = Operation(
        tags=["Locations"],
        summary="Upload from Transistorsoft's background-geolocation",
        operation_id="uploadFromTransistorsoft",
        description="Answers 200 whatever the records hold, because the SDK repeats a refused upload for ever. "
        "See docs/clients.md for its settings.",
        parameters=[root],
    )
    return describe_asgi("/v1/clients/transistorsoft", operation, TransistorsoftUpload, UploadResult)


def _find_root(scope: Scope) -> str | None:
    given = parse_qs(scope["query_string"].decode("latin-1")).get("root")
    return given[0] if given else None


def _find_records(decoded: object, root: str | None) -> Sequence[object]:
    found = _find_root_member(decoded, root, decoded) if isinstance(decoded, dict) else decoded
    return found if isinstance(found, list) else [found]


def _find_root_member(members: Mapping[str, Any], root: str | None, whole: Any) -> Any:
    """What stands under the root key; the whole where it is a record itself, or nothing stands there."""
    names = () if "coords" in members else [root] if root else ROOTS
    return next((members[name] for name in names if name in members), whole)


def _to_fix(record: object) -> Fix | None:
    try:
        read = msgspec.convert(record, _RawRecord, strict=False)
        recorded_at = _read_time(read.timestamp)
    except (msgspec.ValidationError, OverflowError, ValueError):
        return None
    coords = read.coords
    return RegionEventFix(
        coords.latitude, coords.longitude, coords.accuracy, recorded_at, read.mock, _to_region_event(read.geofence)
    )


def _read_time(timestamp: str | float) -> datetime:
    if isinstance(timestamp, str):
        read = msgspec.convert(timestamp, datetime)
        return read if read.tzinfo is None else read.astimezone(UTC)  # without a zone it will be refused
    return _EPOCH + timedelta(milliseconds=timestamp)


def _to_region_event(event: object) -> RegionEvent | None:
    """None for what is no event of one of our geofences: the app may watch others of its own."""
    try:
        read = msgspec.convert(event, TransistorsoftGeofenceEvent)
        return RegionEvent(_KINDS[read.action.upper()], GeofenceId(UUID(read.identifier)))
    except (msgspec.ValidationError, KeyError, ValueError):
        return None
