"""Leases: a worker takes rows that are due, for as long as its work may last. A worker that dies lets them run out."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kit.database import Connection
from kit.sql import give_name

# To count on would tell nobody more, and reads the index of everything that waits.
COUNTED = 10_000
# Where several workers look at once, each finds some that nobody is at.
LOOKED_AT = 4  # times as many as are taken


_IS_OPEN = "t.state IN ('pending', 'sending', 'retryable')"


class Backlog(msgspec.Struct, frozen=True):
    """What is not over yet: how many rows, counted up to COUNTED, and since when the first of them is due."""

    count: int
    oldest_due_at: datetime | None


def lease_query(
    table: str,
    *,
    key: Sequence[str],
    due_at: str,
    returning: Sequence[str],
    counts_attempts: bool = False,
    is_open: str = _IS_OPEN,
) -> str:
    """SQL that leases the rows of `table` that are due longest. $1 now, $2 seconds of the lease, $3 limit.

    `due_at` is the column that says from when on a row is due; `lease_until` says until when it is leased, by the
    database's clock, which all workers share. With `counts_attempts` the table has `state` and `attempts` too: only
    what is not over is leased, as one more attempt. `is_open`: the condition for that, of the row `t`.
    """
    changes = ["lease_until = current_timestamp + make_interval(secs => $2)"]
    if counts_attempts:
        changes += ["state = 'sending'", "attempts = t.attempts + 1"]
    is_due = " AND ".join(
        [
            *([is_open] if counts_attempts else []),
            f"t.{due_at} <= $1",
            "(t.lease_until IS NULL OR t.lease_until <= current_timestamp)",
        ]
    )
    # A worker that waited for another's row looks at it again: so the conditions stand outside the subquery too.
    query = f"""
UPDATE {table} AS t
SET {", ".join(changes)}
FROM (
    SELECT {", ".join(key)}
    FROM {table} AS t
    WHERE {is_due}
    ORDER BY {due_at}
    LIMIT $3
) AS due
WHERE {" AND ".join(f"t.{column} = due.{column}" for column in key)}
  AND {is_due}
RETURNING {", ".join(f"t.{column}" for column in returning)}
""".strip()  # noqa: S608 - names of tables and columns, written in the code
    return give_name(query, f"{table}.lease")


def backlog_query(table: str, *, due_at: str, is_open: str = _IS_OPEN) -> str:
    """SQL that answers with the two fields of `Backlog`, of a table with `state`. `is_open`: as of `lease_query`."""
    query = f"""
SELECT count(*) AS count, min({due_at}) AS oldest_due_at
FROM (
    SELECT t.{due_at}
    FROM {table} AS t
    WHERE {is_open}
    ORDER BY t.{due_at}
    LIMIT {COUNTED}
) AS waiting
""".strip()  # noqa: S608 - names of tables and columns, written in the code
    return give_name(query, f"{table}.measure_backlog")


async def measure_backlog(conn: Connection, query: str) -> Backlog:
    """`query`: made by `backlog_query`."""
    (row,) = await conn.fetch(query)
    return Backlog(**row)
