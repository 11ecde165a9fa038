"""Fences as PostgreSQL copies them out, taken over into columns. Pure."""

import numpy as np

from geo.fence_columns import FenceColumns, circle_all, number_areas
from geo.geofence import Policy
from geo.wkb import read_drawings
from ids import ProgramId
from kit.arrays import Ids, number_runs
from kit.binary_copy import Page

# The columns of the query `copy_geofences`: those of fixed width, then the name and the area in WKB (empty: a circle).
FIXED = (
    *("uuid", "uuid", "uuid", "float8", "float8", "float8"),  # id, program_id, store_id, lat, lon, radius_m
    *("float8", "float8", "int2", "float8", "bool"),  # the policy, as in `Policy`
)


def read_fences(page: Page) -> FenceColumns:
    (ids, program_ids, stores, lats, lons, radii_m, *policy), (names, areas) = page.read(FIXED, 2)
    programs: dict[ProgramId, int] = {}
    policies: dict[Policy, int] = {}
    listed, owners = Ids.of_octets(ids), Ids.of_octets(program_ids)
    program_of = number_runs([owners.highs, owners.lows], lambda n: ProgramId(owners[n]), programs)
    policy_of = number_runs(policy, lambda n: Policy(*(column[n].item() for column in policy)), policies)
    drawn = areas.ends > areas.begins
    drawings = read_drawings(areas)
    plain = np.stack([lats, lons, radii_m], axis=1)[~drawn]
    return FenceColumns(
        ids=listed,
        stores=Ids.of_octets(stores),
        programs=tuple(programs),
        program_of=program_of,
        policies=tuple(policies),
        policy_of=policy_of,
        names=names.texts(),
        radii_m=radii_m,
        circles=circle_all(drawn, plain, drawings),
        area_of=number_areas(drawn),
        drawings=drawings,
    )
