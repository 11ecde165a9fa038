from uuid import UUID

from ids import MemberId
from kit.database import Pool
from kit.shards import ONE_SHARD, Shards
from server.runtime.spread import by_shard, read_shards

MEMBERS = [MemberId(UUID(int=n)) for n in range(1, 9)]


async def test_plain_postgresql_is_one_shard(pool: Pool) -> None:
    assert await read_shards(pool) is ONE_SHARD
    assert {by_shard(ONE_SHARD, lambda member_id: member_id)(each) for each in MEMBERS} == {None}


async def test_shards_are_those_of_the_members(pool: Pool) -> None:
    """Citus' own table, as far as we read it."""
    await pool.execute("CREATE TABLE pg_dist_shard (logicalrelid regclass, shardid bigint, shardminvalue text)")
    assert await read_shards(pool) is ONE_SHARD
    rows = [("members", 3, "0"), ("members", 1, "-2147483648"), ("cards", 2, "7"), ("members", 4, "1000000000")]
    await pool.executemany("INSERT INTO pg_dist_shard VALUES ($1::text::regclass, $2, $3)", rows)
    shards = await read_shards(pool)
    expected = Shards([-(2**31), 0, 1_000_000_000])
    assert [shards.find(each) for each in MEMBERS] == [expected.find(each) for each in MEMBERS]
    assert len({shards.find(each) for each in MEMBERS}) > 1


def test_who_names_no_member_runs_alone() -> None:
    find = by_shard(Shards([-(2**31), 0]), lambda member_id: member_id)
    assert {find(each) for each in MEMBERS} == {0, 1}
    assert find(None) != find(None)
