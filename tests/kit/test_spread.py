from pathlib import Path
from uuid import UUID

from kit.database import Pool, connect, connect_alone, open_pool
from kit.sessions import Connection, shards_of
from kit.shards import ONE_SHARD, Shards
from kit.spread import split_by_shard, split_members
from kit.sql import Queries

IDS = [UUID(int=number) for number in range(1, 9)]
ROWS = [("members", 3, "0"), ("members", 1, "-2147483648"), ("cards", 2, "7"), ("members", 4, "1000000000")]
SHARDS = Shards([-(2**31), 0, 1_000_000_000])


async def test_on_one_machine_there_is_one_part(pool: Pool, tmp_path: Path) -> None:
    async with connect(pool) as conn:
        assert await _ask_twice(conn, tmp_path) == ["text", "text"]
        assert shards_of(conn) is ONE_SHARD
        assert split_members(conn, IDS) == [IDS]
        assert split_members(conn, []) == [], "an empty list names no shard: nothing is to be asked"


async def test_a_part_holds_what_one_shard_does(database: str, tmp_path: Path) -> None:
    """By Citus' own table, as far as we read it."""
    async with connect_alone(database) as conn:
        await conn.execute("CREATE TABLE pg_dist_shard (logicalrelid regclass, shardid bigint, shardminvalue text)")
        rows = [*ROWS[2:3], ("members", 9, None)]
        await conn.executemany("INSERT INTO pg_dist_shard VALUES ($1::text::regclass, $2, $3)", rows)
        assert shards_of(conn) is ONE_SHARD
    opened = await open_pool(database)
    async with connect(opened) as conn:
        assert shards_of(conn) is ONE_SHARD, "its members stand on one node, and no hash says where"
        await conn.executemany("INSERT INTO pg_dist_shard VALUES ($1::text::regclass, $2, $3)", [*ROWS[:2], ROWS[3]])
    opened.terminate()
    opened = await open_pool(database)
    async with connect(opened) as conn:
        parts = split_by_shard(conn, [(each, "x") for each in reversed(IDS)], lambda item: item[0])
        assert await _ask_twice(conn, tmp_path) == ["text whole", "text whole"]
    opened.terminate()
    expected = [[(each, "x") for each in reversed(IDS) if SHARDS.find(each) == shard] for shard in range(3)]
    assert parts == [part for part in expected if part]
    assert len(parts) > 1


async def _ask_twice(conn: Connection, tmp_path: Path) -> list[str]:
    """Which text is run, where it is sent and where it is prepared."""
    path = tmp_path / "told.sql"
    path.write_text("-- name: tell batch\nSELECT $1::text /* spread: || ' whole' */;")
    text = Queries(path).tell
    return [await conn.fetchval(text, "text"), await (await conn.prepare(text)).fetchval("text")]
