"""What the writing of facts asks the database."""

from audiences.facts_repository import add_to_facts
from kit.database import Pool


async def test_of_nobody_nothing_is_asked(pool: Pool) -> None:
    """An engine that spreads the rows refuses to lock those of nobody: they lie on no shard."""
    asked: list[str] = []
    async with pool.acquire() as conn:
        with conn.query_logger(lambda statement: asked.append(statement.query)):
            await add_to_facts(conn, {})
    assert asked == []
