"""Due messages of a channel are leased lane by lane: what is urgent goes first."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from kit.database import Connection, Pool, in_statement, in_transaction
from outbox.kinds import ChannelKind, Lane, queue_of


async def lease_lanes(
    pool: Pool, lease: str, channel: ChannelKind, lanes: Sequence[Lane], now: datetime, *, limit: int, lease_s: float
) -> list[asyncpg.Record]:
    """Up to `limit` rows by `lease` (kit.leases), whose fourth argument is the queue. Raises DatabaseUnavailable."""

    async def work(conn: Connection) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = []
        for lane in lanes:
            if len(rows) < limit:
                rows += await conn.fetch(lease, now, lease_s, limit - len(rows), queue_of(channel, lane))
        return rows

    # A look at a single lane, which mostly finds nothing, is one round trip.
    leasing = in_statement if len(lanes) == 1 else in_transaction
    return await leasing(pool, work)
