"""Where postal codes lie: one table for all programs, written whole."""

from collections.abc import Sequence

from audiences.postal_places import PostalPlace
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "postal_places.sql")


async def replace_postal_places(conn: Connection, places: Sequence[PostalPlace]) -> None:
    """Codes that are not among them have no place afterwards."""
    await conn.execute(QUERIES.delete_postal_places)
    codes, lats, lons = ([getattr(each, name) for each in places] for name in PostalPlace.__struct_fields__)
    await conn.execute(QUERIES.insert_postal_places, codes, lats, lons)
