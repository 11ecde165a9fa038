"""Many new rows at once: by COPY, which leaves out a statement's planning, its arrays and its look for conflicts; and
with references that are looked up by an index, or not at all.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from kit.database import Connection

# Local: whatever becomes of the transaction, the next one looks its references up again.
_LEAVE_OUT = """
SELECT set_config('session_replication_role', 'replica', true)
WHERE has_parameter_privilege(current_user, 'session_replication_role', 'SET')
"""
_TAKE_UP = "SELECT set_config('session_replication_role', 'origin', true)"
_FORGET_PLANS = "DISCARD PLANS"
_MANY = 500


async def copy_rows(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    """Rows that nobody else can have written; each has a value for each of the columns. No row is no statement.

    Raises what the constraints of the table raise: the first row that breaks one fails them all.
    """
    listed = rows if isinstance(rows, list) else list(rows)
    if listed:
        await conn.copy_records_to_table(table, records=listed, columns=columns)


@asynccontextmanager
async def parents_held(conn: Connection) -> AsyncIterator[None]:
    """What is written inside refers to rows that this transaction has written or locked, so that no reference is looked
    up row by row, which takes more than half of the time (docs/decisions/0053).

    Without the right to it (a superuser's, or `GRANT SET ON PARAMETER session_replication_role`) all are looked up.
    """
    is_left_out = await conn.fetchval(_LEAVE_OUT) is not None
    yield
    if is_left_out:  # a failure ends the transaction, and the setting with it
        await conn.execute(_TAKE_UP)


async def look_up_anew(conn: Connection, count: int) -> None:
    """Before `count` rows are written that refer to a table which may have grown since it was last analyzed.

    A session keeps the plan by which it looks a reference up. One of the time when the table had a few rows reads the
    whole table for each: 10,000 new stores took 17 s to refer to, and 0.2 s with a plan of today.
    """
    if count >= _MANY:
        await conn.execute(_FORGET_PLANS)
