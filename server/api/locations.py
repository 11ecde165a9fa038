"""`POST /v1/locations`: the hot route. A bad fix is told by its index and reason and never holds up the good ones."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.openapi.spec import OpenAPIFormat, OpenAPIType, Schema

from geo.matching import Fix, find_fault
from kit.clock import utc_now
from server.api.injected import ServicesGiven
from server.auth import read_device_token
from server.flows.locate import LocateCommand, Located
from server.metrics import FIXES
from server.problems import Problem

MAX_FIXES = 1000


class FixBody(msgspec.Struct, frozen=True):
    """One reading of the device's location. `recorded_at` is by the device's clock, with its UTC offset."""

    lat: float
    lon: float
    recorded_at: datetime
    accuracy_m: float | None = None
    mocked: bool = False


class Locations(msgspec.Struct, frozen=True):
    fixes: list[FixBody]


class _RawLocations(msgspec.Struct, frozen=True):
    fixes: list[msgspec.Raw]


class Refused(msgspec.Struct, frozen=True):
    """Which fix was not taken and why; sending it again changes nothing."""

    index: int
    reason: str


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


# The handler reads the body itself, so its description stands here.
BODY = Schema(
    title="Locations",
    type=OpenAPIType.OBJECT,
    required=["fixes"],
    properties={
        "fixes": Schema(
            type=OpenAPIType.ARRAY,
            max_items=MAX_FIXES,
            items=Schema(
                title="Fix",
                type=OpenAPIType.OBJECT,
                required=["lat", "lon", "recorded_at"],
                properties={
                    "lat": Schema(type=OpenAPIType.NUMBER, minimum=-90, maximum=90),
                    "lon": Schema(type=OpenAPIType.NUMBER, minimum=-180, maximum=180),
                    "recorded_at": Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME),
                    "accuracy_m": Schema(type=[OpenAPIType.NUMBER, OpenAPIType.NULL], minimum=0),
                    "mocked": Schema(type=OpenAPIType.BOOLEAN, default=False),
                },
            ),
        )
    },
    examples=[
        {"fixes": [{"lat": 35.6896, "lon": 139.7006, "recorded_at": "2026-11-21T09:00:00Z", "accuracy_m": 12.5}]}
    ],
)

_WHOLE = msgspec.json.Decoder(Locations)
_RAW = msgspec.json.Decoder(_RawLocations)
_ONE = msgspec.json.Decoder(FixBody)
_ENCODER = msgspec.json.Encoder()


def read_fixes(body: bytes) -> tuple[list[Fix], list[Refused]]:
    """The good fixes of a body and the refused ones. Raises Problem where the body is no list of fixes at all."""
    try:
        bodies: Sequence[FixBody | None] = _WHOLE.decode(body).fixes
    except msgspec.ValidationError:
        bodies = _read_one_by_one(body)
    except msgspec.DecodeError as error:
        raise Problem("invalid-request", f"Send JSON: {error}.") from error
    if len(bodies) > MAX_FIXES:
        raise Problem("body-too-large", f"Send at most {MAX_FIXES} fixes at once.")
    good: list[Fix] = []
    refused: list[Refused] = []
    for index, each in enumerate(bodies):
        fix = _to_fix(each) if each is not None else None
        fault = find_fault(fix) if fix is not None else "malformed"
        if fix is None or fault is not None:
            refused.append(Refused(index, fault or "malformed"))
        else:
            good.append(fix)
    return good, refused


def _read_one_by_one(body: bytes) -> list[FixBody | None]:
    try:
        return [_try_one(raw) for raw in _RAW.decode(body).fixes]
    except msgspec.ValidationError as error:
        raise Problem("invalid-request", f"Send an object with a list 'fixes': {error}.") from error


def _try_one(raw: msgspec.Raw) -> FixBody | None:
    try:
        return _ONE.decode(raw)
    except msgspec.DecodeError:
        return None


def _to_fix(body: FixBody) -> Fix | None:
    """In UTC, as everything inside is; None for a date at the edge of the calendar."""
    recorded_at = body.recorded_at
    if recorded_at.tzinfo is not UTC and recorded_at.tzinfo is not None:
        try:
            recorded_at = recorded_at.astimezone(UTC)
        except OverflowError:
            return None
    return Fix(body.lat, body.lon, body.accuracy_m, recorded_at, body.mocked)


def _count(located: Located, refused: int) -> None:
    for outcome in ("accepted", "late", "future", "mocked", "no_consent"):
        if times := getattr(located, outcome):
            FIXES.labels(outcome).inc(times)
    if refused:
        FIXES.labels("refused").inc(refused)


@post("/v1/locations", tags=["Locations"], summary="Upload fixes", status_code=200)
async def upload_locations(request: Request[Any, Any, State], services: ServicesGiven) -> Response[Receipt]:
    token = read_device_token(request.headers.get("authorization"))
    fixes, refused = read_fixes(await request.body())
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
    return Response(_ENCODER.encode(receipt), media_type="application/json")  # type: ignore[arg-type]
