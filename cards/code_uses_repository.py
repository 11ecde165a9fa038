"""Which codes were used: each (serial, step) counts once, for the till that reports it first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cards.code_use import CodeKey, CodeUse
from ids import TillId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "code_uses.sql")

# Longer than any code can still be reported, and than a quarrel about a duplicate should take.
KEPT = timedelta(days=30)


async def count_codes(conn: Connection, uses: Sequence[CodeUse]) -> set[CodeKey]:
    """Record them, one a code; the keys of those that nobody had used. Two at once: the second waits for the first."""
    rows = await conn.fetch(*QUERIES.insert_counted(**_columns(uses)))
    return {(row["member_id"], row["serial"], row["step"]) for row in rows}


async def count_fresh_codes(conn: Connection, uses: Sequence[CodeUse]) -> set[CodeKey]:
    """The same for codes that nobody can have shown before. Raises UniqueViolationError where somebody has."""
    await conn.execute(*QUERIES.insert_uses(**_columns(uses)))
    return {use.key for use in uses}


async def find_counted(conn: Connection, keys: Sequence[CodeKey]) -> dict[CodeKey, TillId]:
    """The till for which each code counted."""
    rows = await conn.fetch(
        QUERIES.find_counted, [key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys]
    )
    return {(row["member_id"], row["serial"], row["step"]): row["till_id"] for row in rows}


async def record_duplicates(conn: Connection, uses: Sequence[CodeUse]) -> None:
    """Kept beside the use that counted: somebody showed a copy."""
    await conn.execute(*QUERIES.insert_duplicates(**_columns(uses)))


async def purge_code_uses(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_code_uses, now - KEPT)


def _columns(uses: Sequence[CodeUse]) -> dict[str, list[object]]:
    return {field: [getattr(use, field) for use in uses] for field in CodeUse.__struct_fields__}
