"""What is owed, what expires and what two members have together; and what the database itself refuses."""

from datetime import timedelta

import asyncpg
import pytest

from kit.database import Pool, in_transaction
from points import postings_repository
from points.ledger import Memo
from points.rules import NEVER
from server.check_ins.scan import ScanCommand, scan
from server.rewards.move_points import move_points
from server.rewards.renew import renew_all
from tests.server.purchases.test_counter import a_counter, refusal
from tests.support.counter import expect_sound, open_counters, set_points
from tests.support.shop import NOON, Shop


async def test_bought_spent_and_returned_is_owed_and_the_next_purchase_settles_it(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool, visit_points=0)
    await counter.buy(10_000, "R-1")
    await counter.spend(80, "S-1")
    back = await counter.refund("R-1", "B-1")
    assert (back.points_owed, back.points_balance) == (80, 0)
    bought = await counter.buy(5000, "R-2")
    assert (bought.points_earned, bought.points_balance) == (50, 0)
    assert await counter.owed() == 30
    await counter.void("S-1")
    assert (await counter.owed(), await counter.balance()) == (0, 50)
    await expect_sound(shop)


async def test_a_void_gives_back_once_what_one_store_spent(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    await counter.spend(10, "S-1")
    voided = await counter.void("S-1")
    assert (voided.points, voided.points_balance) == (10, 10)
    assert await refusal(counter.void("S-1")) == "already-voided"
    assert await refusal(counter.void("S-2")) == "receipt-unknown"
    ((elsewhere, _),) = await shop.install_tills(1, block=1)
    counter.till = elsewhere
    assert await refusal(counter.void("S-1")) == "receipt-unknown"
    await expect_sound(shop)


async def test_what_has_expired_is_gone_for_readers_and_spenders_before_the_worker_comes(
    shop: Shop, pool: Pool
) -> None:
    counter = await a_counter(shop, pool, valid_days=1)
    # Friday noon in Tokyo; the day after is the last.
    end = NOON + timedelta(hours=36)
    assert await counter.balance(end - timedelta(seconds=1)) == 10
    assert await counter.balance(end) == 0
    await shop.pool.execute("UPDATE visit_evidence SET at = $1", end)
    assert await refusal(counter.spend(1, "R-1", end)) == "insufficient-points"
    assert await renew_all(shop.pool, end - timedelta(seconds=1)) == 0
    assert await renew_all(shop.pool, end) == 1
    assert await renew_all(shop.pool, end) == 0
    assert [(row["kind"], row["points"], row["at"]) for row in await shop.rows("point_postings")][1:] == [
        ("expire", -10, end)
    ]
    await expect_sound(shop)


@pytest.mark.usefixtures("pretended_shards")
async def test_the_worker_expires_more_than_a_batch(shop: Shop, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.rewards.renew.MAX_BATCH_SIZE", 2)
    await set_points(shop, valid_days=1)
    ((till, _),) = await shop.install_tills(1)
    commands = [
        ScanCommand(
            till=till,
            presented=shopper.number,
            locale="en",
            idempotency_key=None,
            now=NOON,
        )
        for shopper in await shop.enrol(5)
    ]
    snapshot = (await shop.keeper()).current
    await in_transaction(shop.pool, lambda conn: scan(conn, shop.keyring, snapshot, commands))
    assert await renew_all(shop.pool, NOON + timedelta(days=3)) == 5
    await expect_sound(shop)


async def test_points_move_with_their_days_and_debts_when_two_members_become_one(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool, visit_points=0)
    (stays,) = await open_counters(shop, pool)
    await counter.buy(5000, "R-1")
    await stays.buy(2000, "R-2")
    await stays.spend(20, "S-2")
    await stays.refund("R-2", "B-2")
    members = (shop.program.id, counter.shopper.member_id, stays.shopper.member_id)
    lots = await shop.rows("point_lots", "member_id")
    for _ in range(2):
        assert await in_transaction(shop.pool, lambda conn: move_points(conn, *members, NOON)) == 30
    assert (await counter.balance(), await stays.owed()) == (0, 0)
    (moved,) = await shop.rows("point_lots", "member_id")
    assert (moved["member_id"], moved["expires_at"]) == (stays.shopper.member_id, lots[0]["expires_at"])
    await expect_sound(shop)


async def test_the_database_itself_refuses_what_must_not_be(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    columns = (
        "program_id, kind, points, owed_change, balance_after, lots, cause, source_key, reverses, store_id, actor,"
        " reason, at"
    )
    twice = f"INSERT INTO point_postings (member_id, id, {columns}) SELECT member_id, gen_random_uuid(), {columns}"
    for statement in (
        "UPDATE point_accounts SET balance = -1",
        "UPDATE point_accounts SET owed = 1",
        "UPDATE point_lots SET remaining = 0",
        "UPDATE point_postings SET balance_after = -1",
        f"{twice} FROM point_postings",
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await shop.pool.execute(statement)
    await counter.buy(100, "R-1")
    with pytest.raises(asyncpg.CheckViolationError):
        await shop.pool.execute("UPDATE purchases SET refunded = amount + 1")


async def test_nothing_is_built_upon_a_balance_that_its_lots_deny(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    await shop.pool.execute("UPDATE point_accounts SET balance = 1000")
    with pytest.raises(postings_repository.BrokenLedger):
        await counter.spend(5, "R-1")
    async with shop.pool.acquire() as conn:
        assert await postings_repository.find_mismatches(conn) == [counter.shopper.member_id]
    assert await shop.count("point_postings") == 1


async def test_the_same_source_posts_once_whatever_the_code_does(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    holders = {counter.shopper.member_id: shop.program.id}
    for _ in range(2):
        async with shop.pool.acquire() as conn, conn.transaction():
            accounts = await postings_repository.open_accounts(conn, holders)
            accounts[counter.shopper.member_id].earn(5, NEVER, Memo(cause="purchase", source_key="purchase:1", at=NOON))
            if await shop.count("point_postings") == 1:
                await postings_repository.write_accounts(conn, accounts)
            else:
                with pytest.raises(asyncpg.UniqueViolationError):
                    await postings_repository.write_accounts(conn, accounts)
                break
    assert await counter.balance() == 15
