"""How long messages took, as counts by program, day and bucket."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries
from push.latencies import Latency, Stage, bucket_of

QUERIES = load_queries(__file__, "latencies.sql")
_SLOTS = 16


async def count_latencies(conn: Connection, latencies: Sequence[Latency]) -> None:
    """Last of all in a transaction: others count into the same rows."""
    if latencies:
        # Those of a round are handed over at one time, and fall into a few buckets.
        counted = Counter((each.program_id, each.stage, bucket_of(each.seconds), each.at) for each in latencies)
        await conn.execute(
            *QUERIES.count_latencies(
                program_id=[program_id for program_id, _, _, _ in counted],
                stage=[stage for _, stage, _, _ in counted],
                bucket=[bucket for _, _, bucket, _ in counted],
                at=[at for _, _, _, at in counted],
                times=list(counted.values()),
                slot=random.randrange(_SLOTS),  # noqa: S311 - it spreads writers, and hides nothing
            )
        )


async def sum_latencies(
    conn: Connection, program_id: ProgramId, from_day: date, to_day: date
) -> dict[date, dict[Stage, dict[int, int]]]:
    """By day and stage: how many fell into each bucket. Days without messages are left out."""
    days: dict[date, dict[Stage, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in await conn.fetch(QUERIES.sum_latencies, program_id, from_day, to_day):
        days[row["day"]][row["stage"]][row["bucket"]] = row["times"]
    return days


async def purge_latencies(conn: Connection, before: date) -> None:
    await conn.execute(QUERIES.purge_latencies, before)
