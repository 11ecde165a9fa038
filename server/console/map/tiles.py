"""A tile of the map: stores and geofences as a vector tile, made by PostGIS.

Where there are few, each is drawn. Where there are many, and from afar, groups of them are: no tile has more than
100 kB, however many there are.
"""

from collections.abc import Sequence

from ids import ProgramId, StoreId
from kit.database import Connection
from kit.sql import load_queries
from server.console.map.tile_places import (
    MOST_BYTES,
    MOST_SHAPES,
    MOST_WIDE_SHAPES,
    SHAPES_FROM_ZOOM,
    TilePlace,
)

QUERIES = load_queries(__file__, "tiles.sql")


async def make_tile(conn: Connection, program_id: ProgramId, only: Sequence[StoreId] | None, place: TilePlace) -> bytes:
    """Of the stores in `only`; None means all of the program."""
    whose = {"program_id": program_id, "only": only}
    bounds = {"west": place.west, "south": place.south, "east": place.east, "north": place.north}
    tile = {"z": place.z, "x": place.x, "y": place.y}

    async def draw_shapes(most: int, least_radius_m: float) -> bytes:
        asked = {**whose, **bounds, **tile, "turns": place.turns, "most": most, "least_radius_m": least_radius_m}
        drawn: bytes = await conn.fetchval(*QUERIES.draw_shapes(**asked))
        return drawn

    if place.z >= SHAPES_FROM_ZOOM:
        asked = {**whose, **bounds, "most": MOST_SHAPES + 1}
        if await conn.fetchval(*QUERIES.count_in_tile(**asked, turns=place.turns)) <= MOST_SHAPES:
            stores: bytes = await conn.fetchval(*QUERIES.draw_stores(**whose, **bounds, **tile, most=MOST_SHAPES))
            drawn = await draw_shapes(MOST_SHAPES, 0.0) + stores
            if len(drawn) <= MOST_BYTES:
                return drawn
    groups: bytes = await conn.fetchval(*QUERIES.draw_groups(**whose, **tile))
    wide = await draw_shapes(MOST_WIDE_SHAPES, place.least_radius_m)
    return wide + groups if len(wide) + len(groups) <= MOST_BYTES else groups


async def find_extent(
    conn: Connection, program_id: ProgramId, only: Sequence[StoreId] | None
) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all that a map shows; None where there is nothing."""
    row = await conn.fetchrow(QUERIES.find_extent, program_id, only)
    return None if row is None or row["west"] is None else (row["west"], row["south"], row["east"], row["north"])
