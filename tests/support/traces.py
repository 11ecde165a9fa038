"""Every row of every table, as text, and where something of a person stands in them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from ids import MemberId
from kit.database import Pool

# PostGIS's own.
NOT_OURS = {"spatial_ref_sys", "alembic_version"}
# Found by something else than a column `member_id`.
BY_OTHER_COLUMNS = {
    "verification_code_counts": "value_hash IN (SELECT uuid_send(m) FROM unnest($1::uuid[]) m) OR (kind, value_hash) IN"
    " (SELECT kind, value_hash FROM handles WHERE member_id = ANY ($1))",
    "idempotency_records": "principal IN (SELECT 'device:' || id FROM devices WHERE member_id = ANY ($1))",
    "audit_entries": "EXISTS (SELECT FROM unnest($1::uuid[]) m WHERE position(m::text IN target) > 0) OR target IN"
    " (SELECT id::text FROM point_postings WHERE member_id = ANY ($1))",
}

Dump = dict[str, Counter[str]]
Found = dict[tuple[str, str], set[str]]


async def list_tables(pool: Pool) -> list[str]:
    """Partitions are read through their table."""
    rows = await pool.fetch(
        "SELECT relname AS name FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
    )
    return sorted({row["name"] for row in rows} - NOT_OURS)


async def list_member_tables(pool: Pool) -> set[str]:
    # Not from information_schema, which takes as long as to read all these tables.
    rows = await pool.fetch(
        "SELECT relname AS name FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relnamespace = 'public'::regnamespace AND attname = 'member_id'"
    )
    return {row["name"] for row in rows} & set(await list_tables(pool)) | set(BY_OTHER_COLUMNS)


async def dump(pool: Pool) -> Dump:
    return {
        name: Counter(row[0] for row in await pool.fetch(f"SELECT t::text FROM {name} t"))
        for name in await list_tables(pool)
    }


async def rows_of(pool: Pool, member_ids: Iterable[MemberId]) -> dict[str, list[dict[str, Any]]]:
    """In an order of their own: the planner's would change when the server analyses a table meanwhile."""
    ids = list(member_ids)
    found = {}
    for name in sorted(await list_member_tables(pool)):
        condition = BY_OTHER_COLUMNS.get(name, "member_id = ANY ($1)")
        found[name] = [
            dict(row) for row in await pool.fetch(f"SELECT * FROM {name} t WHERE {condition} ORDER BY t::text", ids)
        ]
    return found


async def texts_of(pool: Pool, member_ids: Iterable[MemberId]) -> dict[str, list[str]]:
    """The same rows as text, in one statement: for whoever looks again and again."""
    names = sorted(await list_member_tables(pool))
    conditions = {name: BY_OTHER_COLUMNS.get(name, "member_id = ANY ($1)") for name in names}
    each = (f"SELECT '{name}' AS name, t::text AS row FROM {name} t WHERE {conditions[name]}" for name in names)
    found: dict[str, list[str]] = {name: [] for name in names}
    for row in await pool.fetch(" UNION ALL ".join(each) + " ORDER BY 1, 2", list(member_ids)):
        found[row["name"]].append(row["row"])
    return found


def traces_of(rows: dict[str, list[dict[str, Any]]], shared: set[str]) -> set[str]:
    """Every id, number of bytes and word in these rows, as they stand in a row's text; not what others have too."""
    found: set[str] = set()
    for row in (row for each in rows.values() for row in each):
        for value in row.values():
            if isinstance(value, UUID):
                found |= {str(value), value.hex}
            elif isinstance(value, bytes) and value:
                found.add(value.hex())
            elif isinstance(value, str) and len(value) >= 8:
                found.add(value)
    return found - shared


def places_of(dumped: Dump, traces: Iterable[str]) -> dict[str, set[str]]:
    """Table -> the traces that stand in it."""
    wanted = sorted(traces)
    found = {name: {trace for trace in wanted if any(trace in row for row in rows)} for name, rows in dumped.items()}
    return {name: traces for name, traces in found.items() if traces}


async def find_traces(pool: Pool, traces: Iterable[str]) -> Found:
    """(table, column) -> the traces that stand in its text."""
    wanted, found = sorted(traces), {}
    for name in await list_tables(pool):
        columns = await pool.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1", name
        )
        for (column,) in columns:
            text = "\n".join(row[0] for row in await pool.fetch(f"SELECT coalesce({column}::text, '') FROM {name}"))
            if here := {trace for trace in wanted if trace in text}:
                found[name, column] = here
    return found
