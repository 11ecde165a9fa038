"""What is earned for the member whom another one became takes its locks in the order of all others."""

import asyncio
from contextlib import AsyncExitStack

from kit.database import Pool
from tests.server.purchases.test_after_a_merge import two_counters
from tests.support.counter import expect_sound, set_points, set_stamp_card
from tests.support.gates import deadlocks, gate
from tests.support.merging import pending_transfer
from tests.support.shop import Shop, at
from tests.support.verifying import expect_confirmed


async def test_a_purchase_of_who_went_and_a_refund_of_who_stays_meet_no_deadlock(
    shop: Shop, race_pool: Pool, database: str
) -> None:
    """The purchase has the survivor's account when the refund asks for the survivor, to whom its stamps will refer."""
    await set_points(shop, visit_points=0)
    gone, stays = await two_counters(shop, race_pool)
    await stays.buy(2000, "S-1")
    await set_stamp_card(shop)
    transferring = await pending_transfer(shop, gone.shopper)
    async with AsyncExitStack() as lots:
        async with gate(database, "LOCK TABLE purchases IN SHARE MODE", 1) as at_purchases:
            async with gate(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", 2) as at_accounts:
                merging = asyncio.create_task(transferring())
                await at_accounts(1)
                buying = asyncio.create_task(gone.buy(2000, "R-1", at(60)))
            expect_confirmed(await merging)
            await at_purchases(1)
            at_lots = await lots.enter_async_context(gate(database, "LOCK TABLE point_lots", 2))
        await at_lots(1)
        refunding = asyncio.create_task(stays.refund("S-1", "B-1", 500, at(60)))
    bought, refunded = await asyncio.gather(buying, refunding)
    assert (bought.points_earned, refunded.points_reversed) == (20, 5)
    await expect_sound(shop)
    assert await deadlocks(database) == 0
