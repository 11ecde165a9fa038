"""One of the two databases that are measured beside each other: its city, its servers, and what they take."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from bench.cards import CardPhones, found_phones
from bench.contenders import LOCATE, SCAN, serving
from bench.gauge import Gauge
from bench.scan_rounds import Till
from bench.sheet import Sheet
from bench.town import Town, found_town_in
from cards.card import Card
from cards.cards_repository import add_cards
from cards.numbers import new_number
from devtools.apt import SetupError
from ids import ProgramId
from kit.clock import utc_now

_FENCES = 2_000


@dataclass(frozen=True)
class Side:
    name: str
    town: Town
    gauge: Gauge
    till: Till

    async def locate(self, sheet: Sheet, seconds: float) -> float:
        """Posts of one fix, a second, in a closed loop."""
        return sheet.take(await self.gauge.saturate(LOCATE, 1, seconds)).posts_per_s

    async def scan(self, sheet: Sheet, seconds: float) -> float:
        return sheet.take(await self.till.saturate(seconds)).posts_per_s

    async def count_lost(self) -> int:
        """Posts and scans that were acknowledged and that the database does not hold."""
        audited = await self.town.audit()
        codes, evidence = await self.till.count_held(self.town.connection)
        return audited.lost_posts + max(0, self.till.acknowledged - min(codes, evidence))


@asynccontextmanager
async def opened_side(
    name: str, dsn: str, members: int, connections: int, processes: int, seed: int
) -> AsyncIterator[Side]:
    """Raises SetupError where the database holds anything already."""
    connection = await asyncpg.connect(dsn, server_settings={"timezone": "UTC", "jit": "off"})
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM programs)"):
            raise SetupError(
                f"--{name} holds programs already: this bench writes to databases that are migrated and empty"
            )
        town = await found_town_in(dsn, connection, _FENCES, members, seed)
        program_id = ProgramId(await connection.fetchval("SELECT id FROM programs"))
        await _give_cards(connection, program_id)
        phones: CardPhones = await found_phones(connection, program_id, members, utc_now())
        await connection.execute("ANALYZE")
        with serving((LOCATE,), dsn, processes) as servers:
            till = Till({SCAN: servers[LOCATE]}, phones, connections)
            yield Side(name, town, Gauge(servers, town, connections), till)
    finally:
        await connection.close()


async def _give_cards(connection: "asyncpg.Connection[asyncpg.Record]", program_id: ProgramId) -> None:
    """The people of a town have none: whoever only walks needs none."""
    now = utc_now()
    rows = await connection.fetch("SELECT member_id FROM members WHERE program_id = $1", program_id)
    async with connection.transaction():
        await add_cards(connection, [Card(row["member_id"], program_id, new_number(), now) for row in rows])
