"""The matcher against one that asks every fence about every point: cities, odd shapes, poles and the antimeridian."""

from random import Random
from uuid import UUID

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from bench.random_fences import draw_fences, scatter
from geo.geofence import Area, Circle, Fence
from geo.index import FenceIndex
from geo.kernels.fences import MANY_CORNERS
from ids import GeofenceId, ProgramId, StoreId
from tests.support.matcher_model import Track, match_plainly

BRAND, RIVAL, STRANGER = (ProgramId(UUID(int=number)) for number in (1, 2, 3))
STEP = 1 / 64  # exact in binary, so that points lie on edges and corners, and edges on the borders of cells


def fence(number: int, shape: Circle | Area, program_id: ProgramId = BRAND) -> Fence:
    return Fence(GeofenceId(UUID(int=1000 + number)), program_id, StoreId(UUID(int=1)), f"{number}", shape, 50.0)


def found(fences: list[Fence], tracks: list[Track]) -> list[tuple[int, int]]:
    points = np.array([point for _, track in tracks for point in track]).reshape(-1, 2)
    index = FenceIndex.build(fences)
    pairs = index.find_containing([each for each, _ in tracks], [len(track) for _, track in tracks], *points.T)
    return list(zip(*(each.tolist() for each in pairs), strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_all_over_the_earth_it_finds_what_a_loop_finds(seed: int) -> None:
    """Circles of 10 m to 50 km and polygons with holes, many at the poles and across the antimeridian."""
    chance = Random(seed)
    drawn = draw_fences(chance, 40)
    fences = [fence(n, each.shape, RIVAL if n % 3 == 0 else BRAND) for n, each in enumerate(drawn)]
    _, lats, lons = scatter(chance, drawn, 12)
    points = list(zip(lats.tolist(), lons.tolist(), strict=True))
    tracks: list[Track] = [(BRAND, points), (STRANGER, points[:9]), (RIVAL, []), (RIVAL, points)]
    assert found(fences, tracks) == match_plainly(fences, tracks)


def test_in_a_crowd_of_many_sizes_it_finds_what_a_loop_finds() -> None:
    """Two programs over the same ground: fences of all levels of the grid, some of them the very same."""
    chance = np.random.default_rng(5)
    places = chance.uniform((35.0, 139.0), (35.4, 139.4), (150, 2)).tolist()
    shapes = [Circle(lat, lon, 10.0 * 8_000 ** chance.uniform()) for lat, lon in places]
    fences = [fence(n, shape, RIVAL if n % 2 else BRAND) for n, shape in enumerate([*shapes, *shapes[:9]])]
    points = chance.uniform((34.9, 138.9), (35.5, 139.5), (150, 2)).tolist()
    tracks: list[Track] = [(BRAND, points[:50]), (RIVAL, points[50:100]), (BRAND, points[100:])]
    assert found(fences, tracks) == match_plainly(fences, tracks)


def outlines(many: int) -> st.SearchStrategy[Area]:
    """Areas of one to three polygons with holes, on a lattice where points fall on edges and corners."""
    place = st.integers(-12, 12)
    blob = st.lists(st.tuples(place, place), min_size=3, max_size=many)
    return st.tuples(blob, blob).map(_draw).filter(lambda area: not area.polygons.is_empty)


def _draw(corners: tuple[list[tuple[int, int]], list[tuple[int, int]]]) -> Area:
    """What the first ring encloses without the second one."""
    filled, cut = (shapely.make_valid(shapely.Polygon(ring)).buffer(0) for ring in corners)
    scaled = shapely.transform(filled.difference(cut), lambda lattice: np.round(lattice * 4) * STEP / 4)
    parts = [each for each in shapely.get_parts(scaled) if isinstance(each, shapely.Polygon) and each.is_valid]
    return Area(shapely.MultiPolygon(parts if shapely.MultiPolygon(parts).is_valid else parts[:1]))


def test_all_edges_and_corners_belong_to_an_area() -> None:
    """A square with a square hole, a diamond on its corner, and every point of a lattice over them."""
    holed = shapely.box(0, 0, 8, 8).difference(shapely.box(2, 2, 6, 6))
    diamond = shapely.Polygon([(12, 0), (16, 4), (12, 8), (8, 4)])
    drawn = [shapely.MultiPolygon([each]) for each in (holed, diamond) if isinstance(each, shapely.Polygon)]
    fences = [fence(n, Area(shapely.transform(area, lambda lattice: lattice * STEP))) for n, area in enumerate(drawn)]
    points = [(lat * STEP / 2, lon * STEP / 2) for lat in range(-1, 18) for lon in range(-1, 34)]
    pairs = found(fences, [(BRAND, points)])
    assert pairs == match_plainly(fences, [(BRAND, points)])
    assert len(pairs) == 17 * 17 - 7 * 7 + 2 * 8 * 8 + 2 * 8 + 1


lattice = st.tuples(st.integers(-52, 52), st.integers(-52, 52)).map(lambda at: (at[0] * STEP / 4, at[1] * STEP / 4))
centres = st.tuples(st.integers(-12, 12), st.integers(-12, 12), st.sampled_from([10.0, 1_700.0, 1_740.0, 20_000.0]))
circles = centres.map(lambda c: Circle(c[0] * STEP, c[1] * STEP, c[2]))


@given(st.lists(st.one_of(outlines(7), circles), max_size=5), st.lists(lattice, min_size=1, max_size=40), st.booleans())
def test_on_edges_and_corners_it_finds_what_a_loop_finds(
    shapes: list[Area | Circle], points: list[tuple[float, float]], is_large: bool
) -> None:
    drawn = [_draw_finely(shape) if is_large and isinstance(shape, Area) else shape for shape in shapes]
    fences = [fence(n, shape) for n, shape in enumerate(drawn)]
    assert found(fences, [(BRAND, points)]) == match_plainly(fences, [(BRAND, points)])


def _draw_finely(area: Area) -> Area:
    """The same outline in more corners than are asked one after another."""
    fine = shapely.segmentize(area.polygons, area.polygons.length / MANY_CORNERS)
    assert shapely.get_num_coordinates(fine) > MANY_CORNERS
    return Area(shapely.MultiPolygon([each for each in shapely.get_parts(fine) if isinstance(each, shapely.Polygon)]))
