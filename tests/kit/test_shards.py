import random
from uuid import UUID

import pytest

from kit.database import Pool
from kit.ids import new_id
from kit.shards import ONE_SHARD, Shards, hash_id


async def test_an_id_has_the_hash_that_the_database_gives_it(pool: Pool) -> None:
    drawn = random.Random(16)
    ids = [new_id(), UUID(int=0), UUID(int=2**128 - 1), *(UUID(bytes=drawn.randbytes(16)) for _ in range(500))]
    hashed = await pool.fetchval("SELECT array(SELECT uuid_hash(id) FROM unnest($1::uuid[]) AS id)", ids)
    assert [hash_id(each.bytes) for each in ids] == hashed


def test_a_shard_holds_the_hashes_from_its_lowest_to_the_next_ones() -> None:
    lows = [-(2**31), -(2**30), 0, 2**30]
    ids = [UUID(int=n) for n in range(1, 200)]
    found = {each: Shards(lows).find(each) for each in ids}
    assert set(found.values()) == {0, 1, 2, 3}
    for each, place in found.items():
        assert lows[place] <= hash_id(each.bytes) < [*lows, 2**31][place + 1]
    assert {ONE_SHARD.find(each) for each in ids} == {0}


@pytest.mark.parametrize("lows", [[], [0, 1], [-(2**31), 5, 3], [-(2**31), 5, 5]])
def test_ranges_leave_nothing_out(lows: list[int]) -> None:
    with pytest.raises(ValueError, match="leave some out"):
        Shards(lows)
