"""Fills a database chunk by chunk. Each chunk is one transaction: it is there as a whole, or not at all.

Which members a chunk makes follows from what was asked for, so the same command goes on where it was broken off.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from audiences.facts_repository import recount_facts
from kit.database import Connection, Pool, connect, in_transaction
from kit.sealing import Keyring
from kit.sql import load_queries
from server.seeding.ground import Ground, find_ground, make_ground
from server.seeding.people import Drawn, draw_people, write_people
from server.seeding.scale import MOST_VISITS_A_MEMBER, TIME_ZONE, Scale, draw_habits, random_of
from server.web.tokens import DeviceToken, TillKey

QUERIES = load_queries(__file__, "seeding.sql")
CONNECTIONS = 2
_CHUNK_TIMEOUT_S = 300
_TIDYING_TIMEOUT_S = 3600

Tell = Callable[[int], None]
Keep = Callable[[Sequence[TillKey] | Sequence[DeviceToken]], None]


class CannotSeed(Exception):
    """The message says why."""


class Seeding:
    """`tell` hears of the number of members that are there, `keep` of tokens once what they open is committed."""

    def __init__(self, pool: Pool, keyring: Keyring, scale: Scale, *, tell: Tell, keep: Keep) -> None:
        if scale.visits > scale.members * MOST_VISITS_A_MEMBER:
            raise CannotSeed(f"{MOST_VISITS_A_MEMBER} visits a member are the most")
        self._pool, self._keyring, self._scale = pool, keyring, scale
        self._tell, self._keep = tell, keep
        self._there_count = 0

    async def run(self, code: str, now: datetime) -> Ground:
        """In the program of this code, which is made if there is none. Raises CannotSeed."""
        ground = await self._prepare(code, now)
        chunks = iter(range(self._scale.chunk_count))
        writing = [asyncio.create_task(self._write_chunks(ground, chunks)) for _ in range(CONNECTIONS)]
        try:
            new_counts = await asyncio.gather(*writing)
        finally:
            for task in writing:
                task.cancel()
            await asyncio.wait(writing)
        if not any(new_counts):
            raise CannotSeed(f"all of that is in the program {code} already")
        await self._tidy()
        return ground

    async def _prepare(self, code: str, now: datetime) -> Ground:
        async with connect(self._pool) as conn:
            found = await find_ground(conn, code)
            if found is not None:
                await self._check_members(conn, found, code)
                return found
        ground, keys = await in_transaction(self._pool, lambda conn: make_ground(conn, code, self._scale.stores, now))
        self._keep(keys)
        return ground

    async def _check_members(self, conn: Connection, ground: Ground, code: str) -> None:
        """Those who are there must be ours, from a run with the same figures that was broken off."""
        if not await conn.fetchval(QUERIES.has_members, ground.program_id):
            return
        chunks = range(min(CONNECTIONS, self._scale.chunk_count))
        firsts = [self._draw(ground, chunk).tokens[0].member_id for chunk in chunks]
        if not await conn.fetch(QUERIES.find_there, firsts):
            raise CannotSeed(f"the program {code} has other members; name another one, or go on with the same figures")

    async def _write_chunks(self, ground: Ground, chunks: Iterator[int]) -> int:
        """How many of them were not there yet."""
        new_count = 0
        for chunk in chunks:
            tokens = await in_transaction(self._pool, partial(self._write_chunk, ground, chunk))
            self._keep(tokens)
            new_count += bool(tokens)
            self._there_count += len(self._scale.members_of(chunk))
            self._tell(self._there_count)
        return new_count

    async def _write_chunk(self, ground: Ground, chunk: int, conn: Connection) -> Sequence[DeviceToken]:
        """The tokens of its members; none where the chunk is there."""
        drawn = self._draw(ground, chunk)
        if await conn.fetch(QUERIES.find_there, [drawn.tokens[0].member_id]):
            return []
        await conn.execute(QUERIES.take_time, f"{_CHUNK_TIMEOUT_S}s")
        await write_people(conn, self._keyring, ground.program_id, drawn)
        members = [token.member_id for token in drawn.tokens]
        checks_sets = await conn.fetchval(QUERIES.check_sets_instead_of_rows) is not None
        await conn.execute(
            *QUERIES.insert_history(
                member_id=members,
                day_count=drawn.habits.day_counts.tolist(),
                visit_count=drawn.habits.visit_counts.tolist(),
                home=drawn.habits.home_stores.tolist(),
                last_day=ground.last_day,
                store_ids=ground.store_ids,
                till_ids=ground.till_ids,
                program_id=ground.program_id,
                campaign_id=ground.campaign_id,
                time_zone=str(TIME_ZONE),
            ),
            timeout=_CHUNK_TIMEOUT_S,
        )
        if checks_sets and await conn.fetchval(QUERIES.count_orphans, min(members), max(members)):
            raise CannotSeed("what was drawn does not fit together; nothing of this chunk was written")
        await recount_facts(conn, members)
        return drawn.tokens

    def _draw(self, ground: Ground, chunk: int) -> Drawn:
        rng = random_of(self._scale, ground.program_id, chunk)
        return draw_people(draw_habits(self._scale, chunk, ground.began_at, rng), rng)

    async def _tidy(self) -> None:
        """What autovacuum would come to by and by: without it the first hours would be slower than the rest."""
        async with connect(self._pool) as conn:
            await conn.execute("SET statement_timeout = 0")
            await conn.execute("VACUUM (ANALYZE)", timeout=_TIDYING_TIMEOUT_S)
