"""`python -m bench.coupon_writer KIND DSN TOWN SECONDS NUMBER`: one writer of `./run bench coupons`.

Tells its attempts per second.
"""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec
import uvloop

from bench.coupon_town import NOON, Town
from coupons import coupons_repository
from coupons.campaigns.triggers import TriggerEvent
from coupons.issuing.budgets import Budget
from coupons.issuing.budgets_repository import Places
from kit.database import Connection, Pool, in_transaction, open_pool
from kit.ids import new_id
from server.issuing.grant_offers import grant_offers
from server.runtime.snapshot import Snapshot
from server.runtime.snapshot_keeper import SnapshotKeeper

BATCH = 250
LANES = 2  # as a batcher has runners
ROW_LANES = 8  # commits wait for the disk: enough that they can wait together
_CAMPAIGNS = 2

_RESERVE = """
INSERT INTO locked_budgets AS b (id, issued) VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET issued = b.issued + $2
"""
_RELEASE = "UPDATE locked_budgets SET issued = issued - $2 WHERE id = $1"
_INSERT = """
INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, store_id, event_at, business_day, issued_at,
                     expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7::timestamptz::date, $7, $7::timestamptz + interval '1 day')
ON CONFLICT (member_id, campaign_id, period_key) DO NOTHING
"""


async def take_locked(conn: Connection, wanted: Mapping[Budget, int]) -> Places:
    """As it was before slices: one row a budget, locked until the commit."""
    for budget in sorted(wanted):
        await conn.execute(_RESERVE, budget.id, wanted[budget])
    return Places(dict(wanted), dict.fromkeys(wanted, 0))


async def give_back_locked(conn: Connection, places: Places) -> None:
    for budget in sorted(places.held):
        if places.free[budget]:
            await conn.execute(_RELEASE, budget.id, places.free[budget])


class Writer:
    """Each pair of a member and a day comes twice. A writer has days of its own."""

    def __init__(self, pool: Pool, town: Town, snapshot: Snapshot, number: int) -> None:
        self._pool, self._town, self._snapshot = pool, town, snapshot
        self._first_day = 1 + 400 * number
        self._next = 0
        self.attempts = 0

    def _draw(self) -> tuple[int, int]:
        """A member and a day."""
        pair, self._next = self._next // 2, self._next + 1
        return pair % len(self._town.member_ids), self._first_day + pair // len(self._town.member_ids)

    def _event(self) -> TriggerEvent:
        member, day = self._draw()
        now = NOON + timedelta(days=day)
        return TriggerEvent(
            trigger="visit",
            member_id=self._town.member_ids[member],
            program_id=self._town.program_id,
            store_id=self._town.store_ids[member % len(self._town.store_ids)],
            event_at=now,
            now=now,
            is_verified=True,
            trust_level=5,
        )

    async def flow(self, until_s: float) -> None:
        while time.monotonic() < until_s:
            events = [self._event() for _ in range(BATCH)]
            await in_transaction(self._pool, partial(grant_offers, snapshot=self._snapshot, events=events))
            self.attempts += BATCH * _CAMPAIGNS

    async def rows(self, until_s: float) -> None:
        campaigns = self._snapshot.campaigns_for(self._event())
        async with self._pool.acquire() as conn:
            while time.monotonic() < until_s:
                event = self._event()
                for campaign in campaigns:
                    await conn.execute(
                        _INSERT,
                        event.member_id,
                        new_id(),
                        event.program_id,
                        campaign.id,
                        event.now.date().isoformat(),
                        event.store_id,
                        event.now,
                    )
                    self.attempts += 1


async def _run(kind: str, dsn: str, town: Town, seconds: float, number: int) -> float:
    lanes = ROW_LANES if kind == "rows" else LANES
    pool = await open_pool(dsn, min_size=lanes, max_size=lanes)
    keeper = SnapshotKeeper(pool)
    await keeper.refresh()
    writer = Writer(pool, town, keeper.current, number)
    began_s = time.monotonic()
    until_s = began_s + seconds
    work = writer.rows if kind == "rows" else writer.flow
    await asyncio.gather(*(work(until_s) for _ in range(lanes)))
    took_s = time.monotonic() - began_s
    pool.terminate()
    return writer.attempts / took_s


def main(arguments: Sequence[str]) -> None:
    kind, dsn, place, seconds, number = arguments
    if kind == "locked":
        vars(coupons_repository).update(take_places=take_locked, give_back=give_back_locked)
    town = msgspec.json.decode(Path(place).read_bytes(), type=Town)
    print(uvloop.run(_run(kind, dsn, town, float(seconds), int(number))))


if __name__ == "__main__":
    main(sys.argv[1:])
