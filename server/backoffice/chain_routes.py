"""A whole chain at once: stores and geofences in one file, in and out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
)
from litestar.params import QueryParameter

from geo.chains import MAX_ROWS, Format
from kit.database import Connection, in_read_only_transaction
from server.backoffice.chain_files import find_neighbours, read_chain_file
from server.backoffice.export_chain import FILE_MEDIA_TYPES, MAX_FILE_BYTES, Part, export_part, read_place
from server.backoffice.import_chain import ImportResult, import_chain
from server.web.auth import Call
from server.web.bodies import media_type_of, read_body
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.writes import write

_KINDS: dict[str, Format] = {
    "application/geo+json": "geojson",
    "application/json": "geojson",
    "text/csv": "csv",
    "application/vnd.google-earth.kml+xml": "kml",
}
_MEDIA_TYPES = tuple(_KINDS)

_CSV = """store_code,store_name,time_zone,geofence_name,lat,lon,radius_m
tokyo-1,Kissa Sakura Tokyo,Asia/Tokyo,Front door,35.6812,139.7671,100
"""

FormatAsked = Annotated[Format, QueryParameter(name="format", description="CSV is UTF-8 with a mark that Excel needs")]

PartAsked = Annotated[
    str | None, QueryParameter(name="cursor", description="of the `Link` of the file before; none for the first")
]


class FeatureCollection(msgspec.Struct, frozen=True):
    """A chain as GeoJSON (RFC 7946): a feature a geofence. For the API's description; the file is read row by row."""

    type: Literal["FeatureCollection"]
    """Always `FeatureCollection`."""
    features: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=MAX_ROWS)]
    """The geofences, with their store's settings as properties. docs/chains.md lists them."""


# What Litestar cannot know of a body that is a file.
_FEATURES = Reference(ref="#/components/schemas/FeatureCollection")
_GEOJSON = OpenAPIMediaType(schema=_FEATURES)
_TABLE = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY), example=_CSV)

_TEXT = Schema(type=OpenAPIType.STRING)
_KML = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))


@dataclass
class _ImportOperation(Operation):
    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            required=True,
            description="docs/chains.md lists the columns",
            content={
                "application/json": OpenAPIMediaType(schema=_FEATURES),
                "application/geo+json": OpenAPIMediaType(schema=_FEATURES),
                "text/csv": _TABLE,
                "application/vnd.google-earth.kml+xml": _KML,
            },
        )


@dataclass
class _ExportOperation(Operation):
    def __post_init__(self) -> None:
        link = OpenAPIHeader(
            description='Where there is more: the address of the next file, with rel="next"',
            schema=_TEXT,
            required=False,
        )
        content = {"application/geo+json": _GEOJSON, "text/csv": _TABLE, "application/vnd.google-earth.kml+xml": _KML}
        answer = OpenAPIResponse(description="The file", content=content, headers={"Link": link})
        self.responses = {**(self.responses or {}), "200": answer}


class ChainController(Controller):
    path = "/v1/geofences"
    tags = ("Geofences",)

    @post(
        "/import",
        operation_id="importGeofences",
        summary="Create and change stores and geofences from a file, all or nothing",
        status_code=200,
        request_max_body_size=MAX_FILE_BYTES,
        opt={"media_types": _MEDIA_TYPES},
        operation_class=_ImportOperation,
    )
    async def import_geofences(
        self, request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[ImportResult]:
        media_type = media_type_of(request.headers.get("content-type", "application/json"))
        kind = _KINDS.get(media_type, "geojson")
        rows, bad, notes = await read_chain_file(await read_body(request), kind, services)
        neighbours = await find_neighbours(services, staff.program_id)

        async def work(conn: Connection, now: datetime, version: int) -> ImportResult:
            return await import_chain(conn, staff.program_id, rows, bad, notes, neighbours, version, now)

        return await write(request, services, work, bumps="fences")

    @get(
        "/export",
        operation_id="exportGeofences",
        summary="All open stores and their geofences, as a file that can be imported again",
        operation_class=_ExportOperation,
    )
    async def export_geofences(
        self,
        staff: SessionDependency,
        services: ServicesDependency,
        kind: FormatAsked = "geojson",
        cursor: PartAsked = None,
    ) -> Response[bytes]:
        """A chain that is larger than an import takes (10,000 rows, 20 MB) comes in several files: where there is a
        header `Link` with `rel="next"`, its address gives the next one. Each is imported by itself.
        """
        after = read_place(cursor)

        async def read(conn: Connection) -> Part:
            return await export_part(conn, staff.program_id, kind, after)

        part = await in_read_only_transaction(services.pool, read)
        headers = {"Content-Disposition": f'attachment; filename="chain.{kind}"'}
        if part.next_cursor is not None:
            headers["Link"] = f'</v1/geofences/export?format={kind}&cursor={part.next_cursor}>; rel="next"'
        return Response(part.body, media_type=FILE_MEDIA_TYPES[kind], headers=headers)
