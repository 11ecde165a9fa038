"""Doors, counters and coupons for tests of a visit's evidence."""

from collections.abc import Awaitable

from ids import CampaignId, MemberId, ScanId
from kit.database import Pool
from programs import programs_repository
from server.check_ins.undo import UndoResult
from server.runtime.snapshot import Snapshot
from tests.support.counter import Counter
from tests.support.shop import Shop, at
from tests.support.visiting import (
    give_display,
    set_visit_rules,
    undoes,
)
from visits.trust import Trust

DWELL_S = 300


async def open_doors(shop: Shop, min_trust: Trust = "low") -> None:
    """All kinds of evidence make visits here; whoever stays five minutes has dwelled."""
    await set_visit_rules(shop, min_trust=min_trust)
    await give_display(shop)
    async with shop.pool.acquire() as conn, conn.transaction():
        version = await programs_repository.bump_fence_version(conn, shop.program.id)
        await conn.execute("UPDATE geofences SET dwell_s = $1, version = $2", DWELL_S, version)


async def a_counter(shop: Shop, snapshot: Snapshot, pool: Pool) -> Counter:
    (shopper,) = await shop.enrol()
    ((till, _),) = await shop.install_tills(1)
    return Counter(shop, till, shopper, await shop.put_card_on(shopper), snapshot, pool)


async def usable_campaigns(shop: Shop, member_id: MemberId) -> set[CampaignId]:
    rows = await shop.pool.fetch(
        "SELECT c.campaign_id FROM coupons c WHERE c.member_id = $1 AND NOT EXISTS"
        " (SELECT FROM redemptions r WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id))",
        member_id,
    )
    assert len({row["campaign_id"] for row in rows}) == len(rows)
    return {row["campaign_id"] for row in rows}


def undo(shop: Shop, counter: Counter, pool: Pool, scan_id: ScanId | None = None) -> Awaitable[UndoResult]:
    scan_id = scan_id or counter.scan_id
    member_id = counter.shopper.member_id
    return undoes(shop, counter.till, member_id, scan_id, at(5), pool=pool, snapshot=counter.snapshot)
