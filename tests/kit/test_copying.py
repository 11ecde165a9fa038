"""Rows that are copied in keep all constraints; references are left out only for those who may, and only meanwhile."""

import asyncpg
import pytest

from kit.copying import copy_rows, look_up_anew, parents_held
from kit.database import Connection, Pool

TABLES = """
CREATE TABLE parents (id int PRIMARY KEY);
CREATE TABLE children (id int PRIMARY KEY CHECK (id > 0), parent_id int NOT NULL REFERENCES parents);
"""
SCANNED = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'parents'"


async def test_references_are_looked_up_again_afterwards(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute(TABLES)
        async with conn.transaction():
            async with parents_held(conn):
                await copy_rows(conn, "children", ("id", "parent_id"), [(1, 1)])
                await copy_rows(conn, "parents", ("id",), ((1,) for _ in range(1)))
                await copy_rows(conn, "parents", ("id",), [])
            assert await conn.fetchval("SHOW session_replication_role") == "origin"
        for rows in ([(0, 1)], [(1, 1)], [(2, 2)]):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await copy_rows(conn, "children", ("id", "parent_id"), rows)


async def test_without_the_right_to_it_all_are_looked_up(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute(TABLES)
        taken_back = conn.transaction()
        await taken_back.start()
        await conn.execute("CREATE ROLE noren_ordinary; GRANT ALL ON parents, children TO noren_ordinary")
        await conn.execute("SET LOCAL ROLE noren_ordinary")
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await copy_orphan(conn)
        await taken_back.rollback()


async def copy_orphan(conn: Connection) -> None:
    async with parents_held(conn):
        await copy_rows(conn, "children", ("id", "parent_id"), [(1, 1)])


@pytest.mark.parametrize("count", [500, 499])
async def test_many_references_are_not_looked_up_as_when_the_table_was_small(pool: Pool, count: int) -> None:
    async with pool.acquire() as conn:
        await conn.execute(TABLES + "ALTER TABLE parents ADD text text DEFAULT repeat('as long as a store', 30)")
        await conn.execute("INSERT INTO parents SELECT generate_series(1, 3); ANALYZE parents")
        await conn.execute("INSERT INTO children SELECT n, 1 + n % 3 FROM generate_series(1, 20) n")
        async with conn.transaction():
            await conn.execute("INSERT INTO parents SELECT generate_series(1000, 2000)")
            await look_up_anew(conn, count)
            scanned = await conn.fetchval(SCANNED)
            await conn.execute("INSERT INTO children SELECT n, n FROM generate_series(1000, 2000) n")
            assert (await conn.fetchval(SCANNED) > scanned) is (count < 500)
