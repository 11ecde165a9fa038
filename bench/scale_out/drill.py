"""A node killed under load, and shards moved under load: what was answered meanwhile, and what is there afterwards."""

import asyncio
import time

import asyncpg

from bench.answers import BrokenLoad
from bench.contenders import LOCATE
from bench.scale_out.nodes import Node
from bench.scale_out.side import Side
from bench.sheet import Sheet

_BEFORE_S, _DEAD_S, _LOOK_S = 2.0, 3.0, 0.5
_PATIENCE_S = 120.0
_MOVED = 2
_SHARDS_OF = """
    SELECT s.shardid FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid) JOIN pg_dist_node n USING (groupid)
    WHERE s.logicalrelid = 'members'::regclass AND n.nodename = $1 AND n.nodeport = $2 ORDER BY s.shardid LIMIT $3
"""
_MOVE = "SELECT citus_move_shard_placement($1, $2, $3, $4, $5, shard_transfer_mode => 'block_writes')"
_REBALANCE = "SELECT rebalance_table_shards('members')"


async def kill_and_recover(side: Side, node: Node, sheet: Sheet) -> float:
    """Seconds from the moment when the node answers again until all posts are taken again. Raises BrokenLoad."""
    load = asyncio.create_task(_load(side, sheet, _BEFORE_S + _DEAD_S))
    await asyncio.sleep(_BEFORE_S)
    node.kill()
    await load
    node.start()
    await node.wait_until_up()
    began_s = time.monotonic()
    while time.monotonic() < began_s + _PATIENCE_S:
        looked_s = time.monotonic()
        if not await _load(side, sheet, _LOOK_S):
            return looked_s - began_s
    raise BrokenLoad("posts are still refused two minutes after the node came back")


async def rebalance_under_load(side: Side, dsn: str, full: Node, other: Node, sheet: Sheet) -> tuple[int, float]:
    """How many posts were refused meanwhile, and how many seconds it took to move the shards back."""
    connection = await asyncpg.connect(dsn)
    try:
        for row in await connection.fetch(_SHARDS_OF, full.host, full.port, _MOVED):
            await connection.execute(_MOVE, row["shardid"], full.host, full.port, other.host, other.port)
        began_s = time.monotonic()
        moving = asyncio.create_task(connection.execute(_REBALANCE))
        refused = 0
        while not moving.done():
            refused += await _load(side, sheet, _BEFORE_S)
        await moving
        return refused, time.monotonic() - began_s
    finally:
        await connection.close()


async def _load(side: Side, sheet: Sheet, seconds: float) -> int:
    """As many posts as go; how many of them were refused."""
    run = sheet.take(await side.gauge.saturate(LOCATE, 1, seconds))
    return len(run.refused)
