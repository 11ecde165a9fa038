"""What many coupons at once are spared (docs/decisions/0074) decides as one by one does."""

from datetime import timedelta

import asyncpg
import pytest

from coupons import coupons_repository
from coupons.coupons_repository import issue_coupons, references_held
from kit.database import Connection, after_commit, in_transaction
from push.counts_repository import lock_counts, write_counts
from tests.support.shop import NOON, Shop
from tests.support.wishing import issue, wish

TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _two_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coupons_repository, "_COPIED_FROM", 2)
    monkeypatch.setattr(coupons_repository, "_HELD_FROM", 2)


async def test_a_key_that_somebody_has_taken_meanwhile_leaves_the_others(shop: Shop) -> None:
    campaign, shoppers = await shop.write_campaign(), await shop.enrol(3)
    await issue(shop, [wish(shop, campaign, shoppers[1])])
    wanted = [wish(shop, campaign, shopper) for shopper in shoppers]
    issuance = await in_transaction(shop.pool, lambda conn: issue_coupons(conn, wanted, had=()))
    assert [issuance.outcomes[coupon.id] for coupon in wanted] == ["issued", "already_issued", "issued"]
    assert await shop.count("coupons") == 3


async def test_whose_references_are_left_out_becomes_nobody_else(shop: Shop) -> None:
    members = {shopper.member_id for shopper in await shop.enrol(2)}
    async with shop.pool.acquire() as conn, conn.transaction():
        async with references_held(conn, members):
            assert await conn.fetchval("SHOW session_replication_role") == "replica"
        assert await conn.fetchval("SHOW session_replication_role") == "origin"
        with pytest.raises(asyncpg.LockNotAvailableError):
            await shop.pool.execute("SELECT FROM members WHERE member_id = ANY ($1) FOR UPDATE NOWAIT", members)


async def test_of_two_first_messages_the_second_is_counted_anew(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    async with shop.pool.acquire() as conn, conn.transaction():
        held = await lock_counts(conn, [shopper.member_id])
        assert held == {}
        async with shop.pool.acquire() as another:
            await write_counts(another, {}, {shopper.member_id: [TODAY]})
        with pytest.raises(asyncpg.SerializationError):
            await write_counts(conn, held, {shopper.member_id: [TODAY]})
    async with shop.pool.acquire() as conn, conn.transaction():
        held = await lock_counts(conn, [shopper.member_id])
        await write_counts(conn, held, {shopper.member_id: [*held[shopper.member_id], TODAY + timedelta(days=1)]})
    assert [row["days"] for row in await shop.rows("message_counts", "member_id")] == [
        [TODAY, TODAY + timedelta(days=1)]
    ]


async def test_what_is_counted_in_the_process_is_counted_after_the_commit(shop: Shop) -> None:
    told: list[str] = []

    async def work(conn: Connection, *, fails: bool) -> None:
        after_commit(lambda: told.append("counted"))
        assert told == []
        if fails:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await in_transaction(shop.pool, lambda conn: work(conn, fails=True))
    await in_transaction(shop.pool, lambda conn: work(conn, fails=False))
    assert told == ["counted"]
