"""An undo beside what ends or moves its member, on connections of their own."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from kit.database import Pool, in_transaction, open_pool
from server.accounts.confirm import VerificationResult
from server.check_ins.undo import UndoResult
from server.privacy.erase import erase
from server.problems import Problem
from tests.support.counter import Counter, expect_sound, open_counters, set_points, set_stamp_card
from tests.support.gates import deadlocks, gate
from tests.support.merging import pending_transfer
from tests.support.shop import Shop, at
from tests.support.verifying import verify_contact
from tests.support.visiting import expect_reconciled, undoes


@pytest_asyncio.fixture
async def race_pool(database: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database, min_size=8, max_size=8)
    yield opened
    opened.terminate()


async def undo(counter: Counter, pool: Pool) -> UndoResult | Problem:
    shopper = counter.shopper
    try:
        return await undoes(
            counter.shop, counter.till, shopper.member_id, counter.scan_id, at(590),
            pool=pool, snapshot=counter.snapshot,
        )  # fmt: skip
    except Problem as problem:
        return problem


@pytest.mark.parametrize("turn", range(2))
@pytest.mark.parametrize("of_survivor", [False, True])
async def test_an_undo_and_a_transfer(
    shop: Shop, race_pool: Pool, database: str, turn: int, *, of_survivor: bool
) -> None:
    """Both were at the store that day. Whoever comes first, the person is paid for a visit that stands, and once."""
    await set_points(shop)
    await set_stamp_card(shop, source="visit", min_amount=0)
    await shop.write_campaign("visit", cap=9, allow_anonymous=True)
    (gone,), (stays,) = [await open_counters(shop, race_pool) for _ in range(2)]
    await verify_contact(shop, stays.shopper)
    transferring = await pending_transfer(shop, gone.shopper)
    runs: list[Any] = [partial(undo, stays if of_survivor else gone, race_pool), transferring]
    async with gate(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", 2) as arrived:
        tasks = []
        for run in runs[:: -1 if turn else 1]:
            tasks.append(asyncio.create_task(run()))
            await arrived(len(tasks))
    undone, merged = (await asyncio.gather(*tasks))[:: -1 if turn else 1]
    assert isinstance(merged, VerificationResult), merged
    assert isinstance(undone, UndoResult) or undone.slug == "undo-expired", undone
    assert (await gone.balance(), await stays.balance()) == (0, 10)
    standing = [row for row in await shop.rows("stamps", "at") if row["revoked_at"] is None]
    assert [row["member_id"] for row in standing] == [stays.shopper.member_id]
    await expect_sound(shop)
    assert await deadlocks(database) == 0


@pytest.mark.parametrize("turn", range(2))
async def test_an_undo_and_an_erasure(shop: Shop, race_pool: Pool, database: str, turn: int) -> None:
    await set_points(shop)
    await shop.write_campaign("visit", cap=9, allow_anonymous=True)
    (counter,) = await open_counters(shop, race_pool)
    member_id = counter.shopper.member_id

    async def erasing() -> None:
        await in_transaction(race_pool, lambda conn: erase(conn, shop.program.id, member_id, at(590)))

    runs: list[Any] = [partial(undo, counter, race_pool), erasing]
    async with gate(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", 2) as arrived:
        tasks = []
        for run in runs[:: -1 if turn else 1]:
            tasks.append(asyncio.create_task(run()))
            await arrived(len(tasks))
    undone, _ = (await asyncio.gather(*tasks))[:: -1 if turn else 1]
    assert isinstance(undone, UndoResult) or undone.slug in ("undo-expired", "not-found"), undone
    assert await counter.balance() == 0
    assert [await shop.count(table) for table in ("visits", "visit_evidence")] == [0, 0]
    await expect_reconciled(shop)
    await expect_sound(shop)
    assert await deadlocks(database) == 0
