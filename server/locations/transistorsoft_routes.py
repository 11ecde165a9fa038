"""`POST /v1/clients/transistorsoft`: what the background-geolocation SDK of Transistor Software uploads.

React Native, Flutter, Capacitor and Cordova share one format: a record or a list of records under a root key that the
app may rename or leave out. The SDK holds its queue at any error status and sends the same record again for ever: so
whatever a record holds, the answer is 200, and what could not be read is counted and told in the receipt. Only a
missing right (401) and an outage (503) hold the queue, as they should.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from itertools import islice
from typing import Any, Literal
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from litestar import asgi
from litestar.datastructures import State
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
    send_json,
    state_of,
    submit,
    tell_result,
)
from server.web.auth import read_locating_token
from server.web.salvage import UNDECODABLE, read_element, read_elements, read_text, split_members
from server.web.tokens import DeviceToken, LocateToken

# An SDK without maxBatchSize sends all that it has kept, at 0.5 to 1 kB a record.
MAX_BODY_BYTES = 4_000_000
MAX_DRAINED_BYTES = 64_000_000
MAX_RECORDS = 10_000
ROOTS = ("location", "locations", "data")
# A body of as many bytes has some 200,000; to make more of them into objects would hold the interpreter for too long.
_MAX_VALUES = 300_000
_SEPARATORS = (b",", b"[", b"{")

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


_RECORD = msgspec.json.Decoder(TransistorsoftRecord, strict=False)


@asgi("/v1/clients/transistorsoft", copy_scope=False)
async def upload_from_transistorsoft(scope: HTTPScope, receive: Receive, send: Send) -> None:
    token = read_locating_token(find_authorization(scope))
    body = await read_or_drain(receive, MAX_BODY_BYTES, MAX_DRAINED_BYTES)
    await send_json(send, await _take(state_of(scope), token, body, _find_root(scope)))


async def take_short(state: State, authorization: str | None, body: bytes) -> UploadResult:
    """What came by the short way (server.locations.short_ways), where nobody names a root."""
    return await _take(state, read_locating_token(authorization), body, None)


async def _take(state: State, token: DeviceToken | LocateToken, body: bytes | None, root: str | None) -> UploadResult:
    read, salvage = (partial(each, root=root) for each in (read_records, salvage_records))
    fixes, refused = await read_or_salvage(read, salvage, body)
    return tell_result(await submit(state, token, fixes, refused), refused)


def read_records(body: bytes, root: str | None) -> tuple[list[Fix], list[RefusedFix]]:
    """The good fixes of a body and the refused ones. Raises msgspec.DecodeError where the body is no JSON."""
    if sum(map(body.count, _SEPARATORS)) > _MAX_VALUES:
        return salvage_records(body, root)
    whole = msgspec.Raw(body.strip())
    found = whole
    if bytes(memoryview(whole)[:1]) == b"{":
        found = _find_root_member(_read_members(whole, root), root, whole)
    records = msgspec.json.decode(found, type=list[msgspec.Raw]) if bytes(memoryview(found)[:1]) == b"[" else [found]
    return _separate(map(_read_record, records))


def salvage_records(body: bytes, root: str | None) -> tuple[list[Fix], list[RefusedFix]]:
    """The same one by one, slowly. A body that makes no sense at all is one refused record."""
    text = read_text(body)
    members = split_members(text)
    found = _find_root_member(members, root, text) or "null"
    return _separate(map(_convert_record, read_elements(found if found[:1] == "[" else f"[{found}]")))


def _separate(fixes: Iterable[Fix | None]) -> tuple[list[Fix], list[RefusedFix]]:
    each = iter(fixes)
    good, refused = separate_refused(islice(each, MAX_RECORDS))
    if any(True for _ in islice(each, 1)):
        refused.append(RefusedFix(MAX_RECORDS, "too_large"))
    return good, refused


def _read_record(raw: msgspec.Raw) -> Fix | None:
    try:
        return _to_fix(_RECORD.decode(raw))
    except UNDECODABLE:
        return _convert_record(read_element(bytes(raw)))


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
    """A name that JSON would have to escape counts as none."""
    given = parse_qs(scope["query_string"].decode("latin-1")).get("root")
    return given[0] if given and re.search(r'["\\\x00-\x1f]', given[0]) is None else None


@lru_cache(maxsize=100)
def _members_type(root: str | None) -> type[msgspec.Struct]:
    """Of an object, the members that matter, as they are written. Empty is one that it lacks."""
    names = dict.fromkeys(["coords", *([root] if root else ROOTS)])
    fields = {f"member_{place}": name for place, name in enumerate(names)}
    return msgspec.defstruct("Members", [(field, msgspec.Raw, msgspec.Raw()) for field in fields], rename=fields)


def _read_members(body: msgspec.Raw, root: str | None) -> dict[str, msgspec.Raw]:
    asked = _members_type(root)
    members = msgspec.json.decode(body, type=asked)
    return {
        field.encode_name: raw
        for field in msgspec.structs.fields(asked)
        if memoryview(raw := getattr(members, field.name))
    }


def _find_root_member(members: Mapping[str, Any], root: str | None, whole: Any) -> Any:
    """What stands under the root key; the whole where it is a record itself, or nothing stands there."""
    names = () if "coords" in members else [root] if root else ROOTS
    return next((members[name] for name in names if name in members), whole)


def _convert_record(record: object) -> Fix | None:
    try:
        return _to_fix(msgspec.convert(record, _RawRecord, strict=False))
    except ValueError:  # msgspec's ValidationError is one, and what it says of half of a surrogate pair
        return None


def _to_fix(record: TransistorsoftRecord) -> Fix | None:
    try:
        recorded_at = _read_time(record.timestamp)
    except (OverflowError, ValueError):
        return None
    coords, event = record.coords, _to_region_event(record.geofence)
    return RegionEventFix(coords.latitude, coords.longitude, coords.accuracy, recorded_at, record.mock, event)


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
