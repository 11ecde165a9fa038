"""What is to be known of a shape before it is saved: by the rules of the import, and by who came there so far."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from geo import geofences_repository
from geo.geofence import Fence
from geo.warnings import MIN_RELIABLE_RADIUS_M, find_overlaps, find_small
from ids import StoreId
from kit.database import Connection
from kit.ids import first_id_at
from kit.small_groups import in_steps
from kit.sql import load_queries
from programs import stores_repository

QUERIES = load_queries(__file__, "judging.sql")
_REACH_DAYS = 30
_NEAR = 50


class OverlapNote(msgspec.Struct, frozen=True):
    """`store_name`: None where the store is not of the reader's."""

    fence: Fence
    store_name: str | None


class Verdict(msgspec.Struct, frozen=True):
    """`reach`: the name of its word. `people`: in tens, and none where they are fewer."""

    is_small: bool
    least_radius_m: int
    overlaps: Sequence[OverlapNote]
    reach: Literal["reach", "reach_few", "reach_unknown"]
    people: int


async def judge(conn: Connection, drawn: Fence, only: Sequence[StoreId] | None, now: datetime) -> Verdict:
    """`drawn`: as it would be. `only`: the stores of the reader, None for all. Of others nothing is told but that they
    are there.
    """
    near = await geofences_repository.read_geofences_near(conn, drawn, _NEAR)
    others = [fence for fence in near if fence.geofence_id != drawn.geofence_id]
    overlaps = find_overlaps([drawn], others)
    names = await _names(conn, drawn, [overlap.other for overlap in overlaps], only)
    there = [each.geofence_id for each in near if only is None or each.store_id in only]
    since = first_id_at(now - timedelta(days=_REACH_DAYS))
    people = await conn.fetchval(QUERIES.count_people, drawn.program_id, there, since) if there else None
    return Verdict(
        bool(find_small([drawn])),
        int(MIN_RELIABLE_RADIUS_M),
        [OverlapNote(overlap.other, names.get(overlap.other.store_id)) for overlap in overlaps],
        "reach_unknown" if people is None else "reach" if in_steps(people) else "reach_few",
        in_steps(people or 0),
    )


async def _names(
    conn: Connection, drawn: Fence, fences: Sequence[Fence], only: Sequence[StoreId] | None
) -> Mapping[StoreId, str]:
    seen = [fence.store_id for fence in fences if only is None or fence.store_id in only]
    stores = await stores_repository.find_stores(conn, drawn.program_id, seen)
    return {store_id: store.name for store_id, store in stores.items()}
