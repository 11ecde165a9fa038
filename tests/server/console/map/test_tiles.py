"""Tiles of the map against a real PostGIS: what is drawn, how large it is, and whose it is."""

import math

import pytest

from kit.database import Pool
from server.console.map.tile_places import MOST_BYTES, TilePlace, find_tile
from server.console.map.tiles import find_extent, make_tile
from tests.support.chains import add_fences, add_many_fences


def tile_at(z: int, x: int, y: int) -> TilePlace:
    place = find_tile(z, x, y)
    assert place is not None
    return place


def tile_over(z: int, lat: float, lon: float) -> TilePlace:
    turned = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return tile_at(z, int((lon + 180) / 360 * (1 << z)), int(turned * (1 << z)))


async def test_ten_thousand_fences_make_no_tile_too_large(pool: Pool) -> None:
    program_id = await add_many_fences(pool, 10_000)
    async with pool.acquire() as conn:
        for z in range(17):
            tile = await make_tile(conn, program_id, None, tile_over(z, 35.6, 139.75))
            assert 0 < len(tile) <= MOST_BYTES, z
            assert (b"groups" in tile) is (z < 11), z
        plan = await conn.fetch(
            "EXPLAIN SELECT 1 FROM geofences WHERE deleted_at IS NULL"
            " AND box && ST_MakeEnvelope(139.7, 35.6, 139.75, 35.65, 4326)"
        )
    assert "geofences_box_idx" in str(plan)


async def test_near_by_each_is_drawn_and_each_store_has_its_name(pool: Pool) -> None:
    program_id = await add_many_fences(pool, 2)
    async with pool.acquire() as conn:
        near = await make_tile(conn, program_id, None, tile_over(14, 35.0005, 139.0005))
    assert b"fences" in near
    assert b"stores" in near
    assert b"Store 0" in near
    assert b"groups" not in near


@pytest.mark.parametrize("lon", [180, -180, 179.9995, -179.9995])
async def test_a_circle_at_the_antimeridian_is_drawn_on_both_sides(pool: Pool, lon: float) -> None:
    program_id, (fence_id,) = await add_fences(pool, [(-17, lon, 400)])
    async with pool.acquire() as conn:
        for side in (-179.999, 179.999):
            tile = await make_tile(conn, program_id, None, tile_over(13, -17, side))
            assert str(fence_id).encode() in tile, side
        # From afar it is a dot, which stands once.
        far = [await make_tile(conn, program_id, None, tile_over(4, -17, side)) for side in (-179.999, 179.999)]
    assert [str(fence_id).encode() in tile for tile in far] == [lon < 0, lon > 0]


@pytest.mark.parametrize("lat", [-89.99, -85.05, 0, 84.9, 89.99])
async def test_no_latitude_breaks_a_tile(pool: Pool, lat: float) -> None:
    program_id, _ = await add_fences(pool, [(lat, 0, 50_000)])
    async with pool.acquire() as conn:
        for z in (0, 4, 11, 16):
            for y in (0, (1 << z) // 2, (1 << z) - 1):
                await make_tile(conn, program_id, None, tile_at(z, (1 << z) // 2, y))


async def test_a_manager_gets_nothing_of_other_stores_and_nobody_of_another_program(pool: Pool) -> None:
    program_id, fence_ids = await add_fences(pool, [(35.6812, 139.7671, 100), (35.6812, 139.7672, 100)])
    rival_id, _ = await add_fences(pool, [])
    own = await pool.fetchval("SELECT store_id FROM geofences WHERE id = $1", fence_ids[0])
    everything = b""
    async with pool.acquire() as conn:
        for z in (5, 16):
            place = tile_over(z, 35.6812, 139.7671)
            everything = await make_tile(conn, program_id, None, place)
            assert everything
            assert await make_tile(conn, rival_id, None, place) == b""
            assert await make_tile(conn, program_id, [], place) == b""
            some = await make_tile(conn, program_id, [own], place)
            assert b"groups" in some if z == 5 else str(fence_ids[0]).encode() in some
            assert str(fence_ids[1]).encode() not in some
        assert await find_extent(conn, rival_id, None) is None
        assert await find_extent(conn, program_id, []) is None
        assert await find_extent(conn, program_id, [own]) is not None
    assert str(fence_ids[1]).encode() in everything


@pytest.mark.parametrize("tile", [(-1, 0, 0), (17, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0), (3, 0, -1)])
def test_there_is_no_such_tile(tile: tuple[int, int, int]) -> None:
    assert find_tile(*tile) is None
