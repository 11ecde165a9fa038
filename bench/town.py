"""A city with its people in a database, the phones that post from it, and what was acknowledged to them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import numpy as np

from bench.city import NEAR_SHARE, Fences, make_fences, make_walkers
from bench.ledger import Audit, Ledger
from bench.population import QUERIES, populate
from bench.posts import Phones
from devtools.apt import say
from devtools.database_server import DatabaseServer
from devtools.template_database import own_database
from kit.clock import utc_now
from server.web.tokens import write_token

# The phones' clocks begin that long ago and run 20 s a fix, so that no fix is of the future.
_CLOCKS_BEGIN_S = 60 * 86_400


@dataclass(frozen=True)
class Town:
    dsn: str
    connection: "asyncpg.Connection[asyncpg.Record]"
    fences: Fences
    phones: Phones
    ledger: Ledger
    tokens: Mapping[UUID, str]  # by device

    async def audit(self) -> Audit:
        rows = await self.connection.fetch(QUERIES.read_presences)
        return self.ledger.audit((row["device_id"], row["version"], row["watermark_s"]) for row in rows)


@asynccontextmanager
async def found_town(
    server: DatabaseServer, fences: int, devices: int, seed: int, near_share: float = NEAR_SHARE
) -> AsyncIterator[Town]:
    """In a database of its own, dropped at the end. The same seed makes the same town, but for the keys of its rows."""
    async with own_database(server) as dsn:
        connection = await asyncpg.connect(dsn)
        yield await found_town_in(dsn, connection, fences, devices, seed, near_share)
        await connection.close()


async def found_town_in(
    dsn: str,
    connection: "asyncpg.Connection[asyncpg.Record]",
    fences: int,
    devices: int,
    seed: int,
    near_share: float = NEAR_SHARE,
) -> Town:
    """In a migrated database without programs."""
    rng = np.random.default_rng(seed)
    drawn = make_fences(fences, rng)
    walkers = make_walkers(devices, drawn, rng, near_share)
    say(f"a city of {fences} fences and {devices} devices")
    now = utc_now()
    tokens = await populate(connection, drawn, devices, now)
    texts = [write_token(token) for token in tokens]
    phones = Phones(walkers, drawn, texts, int(now.timestamp()) - _CLOCKS_BEGIN_S, rng)
    ledger = Ledger([token.device_id for token in tokens])
    by_device: dict[UUID, str] = {token.device_id: text for token, text in zip(tokens, texts, strict=True)}
    return Town(dsn, connection, drawn, phones, ledger, by_device)
