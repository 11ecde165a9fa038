"""What the tests do at the counter: point rules, scans, purchases, spending; each in a transaction of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from devtools.card.phone import ReferencePhone
from ids import MemberId, ScanId, StampCardId
from kit.batching import run_split
from kit.database import Connection, Pool, in_transaction
from kit.ids import new_id
from points import postings_repository, ranks_repository, rules_repository, stamps_repository
from points.ranks import Rank, RankRules
from points.rules import PointRules
from points.stamps import StampCard
from programs.tills_repository import Till
from purchases.purchase import Basket, Item
from server.check_ins.scan import ScanCommand, scan
from server.purchases.purchase import PurchaseResult, ScanReference, purchase
from server.purchases.refund import GivenBack, RefundResult, refund
from server.purchases.spend import SpendResult, spend, void
from server.runtime.snapshot import Snapshot
from server.web.idempotency import Answer
from tests.support.answers import expect_answers
from tests.support.shop import NOON, Shop, Shopper


async def set_points(shop: Shop, **changes: Any) -> PointRules:
    plain = PointRules(
        program_id=shop.program.id,
        currency="JPY",
        amount_step=100,
        step_points=1,
        visit_points=10,
        valid_days=365,
        time_zone="Asia/Tokyo",
    )
    rules = msgspec.structs.replace(plain, **changes)
    async with shop.pool.acquire() as conn:
        await rules_repository.upsert_point_rules(conn, rules, NOON)
    return rules


async def set_stamp_card(shop: Shop, **changes: Any) -> StampCard:
    plain = StampCard(
        id=StampCardId(new_id()),
        program_id=shop.program.id,
        code="coffee-3",
        name={"en": "Coffee"},
        source="purchase",
        min_amount=500,
        stamps_needed=3,
        campaign_id=None,
        created_at=NOON,
    )
    card = msgspec.structs.replace(plain, **changes)
    async with shop.pool.acquire() as conn:
        await stamps_repository.upsert_stamp_cards(conn, shop.program.id, [card], NOON)
    return card


async def set_ranks(shop: Shop, **changes: Any) -> RankRules:
    ranks = (Rank("silver", {"en": "Silver"}, 1000), Rank("gold", {"en": "Gold"}, 3000))
    plain = RankRules(
        program_id=shop.program.id,
        measure="spend",
        period="month",
        rolling_days=None,
        time_zone="Asia/Tokyo",
        ranks=ranks,
        version=0,
    )
    rules = msgspec.structs.replace(plain, **changes)
    async with shop.pool.acquire() as conn, conn.transaction():
        version = await ranks_repository.upsert_rank_rules(conn, rules, NOON)
    return msgspec.structs.replace(rules, version=version)


class Counter:
    """A till of the shop's first store, at which one member stands with their phone. `pool` may have a connection a
    racer.
    """

    def __init__(
        self, shop: Shop, till: Till, shopper: Shopper, phone: ReferencePhone, snapshot: Snapshot, pool: Pool
    ) -> None:
        self.shop = shop
        self.till = till
        self.shopper = shopper
        self.phone = phone
        self.snapshot = snapshot
        self.pool = pool
        self.scan_id = ScanId(new_id())

    async def scan(self, now: datetime = NOON, *, by_number: bool = False, basket: Basket | None = None) -> Any:
        presented = self.shopper.number if by_number else self.phone.make_code(now)
        command = ScanCommand(
            till=self.till,
            presented=presented,
            locale="en",
            idempotency_key=None,
            now=now,
            basket=basket,
        )

        async def work(conn: Connection) -> Any:
            return await scan(conn, self.shop.keyring, self.snapshot, [command])

        (told,) = expect_answers(await in_transaction(self.pool, work))
        self.scan_id = ScanId(UUID(told["scan_id"]))
        return told

    async def scan_all(self, commands: Sequence[ScanCommand]) -> list[Answer | Exception]:
        """As a server does with a batch."""
        return await run_split(self._scan_batch, commands)

    async def _scan_batch(self, commands: Sequence[ScanCommand]) -> Sequence[Answer | Exception]:
        return await in_transaction(self.pool, lambda conn: scan(conn, self.shop.keyring, self.snapshot, commands))

    @property
    def reference(self) -> ScanReference:
        return ScanReference(self.shopper.member_id, self.scan_id)

    async def buy(
        self,
        amount: int,
        receipt: str,
        now: datetime = NOON,
        *,
        told_at: datetime | None = None,
        bill_amount: int | None = None,
        items: Sequence[Item] = (),
    ) -> PurchaseResult:
        """`told_at`: when the till reports what was bought at `now`."""
        basket, at = Basket(receipt, amount, items, bill_amount), (now, told_at or now)
        return await in_transaction(
            self.pool,
            lambda conn: purchase(conn, self.shop.keyring, self.snapshot, self.till, self.reference, basket, *at),
        )

    async def refund(
        self,
        receipt: str,
        refund_receipt: str,
        amount: int | None = None,
        now: datetime = NOON,
        *,
        member_id: MemberId | None = None,
        items: Sequence[Item] = (),
    ) -> RefundResult:
        given_back = GivenBack(amount, items)
        return await in_transaction(
            self.pool,
            lambda conn: refund(
                conn, self.shop.keyring, self.till, receipt, refund_receipt, given_back, member_id, now
            ),
        )

    async def spend(self, points: int, receipt: str, now: datetime = NOON) -> SpendResult:
        return await in_transaction(
            self.pool, lambda conn: spend(conn, self.shop.keyring, self.till, self.reference, receipt, points, now)
        )

    async def void(
        self, receipt: str, now: datetime = NOON, *, points: int | None = None, member_id: MemberId | None = None
    ) -> SpendResult:
        return await in_transaction(
            self.pool, lambda conn: void(conn, self.shop.keyring, self.till, receipt, points, member_id, now)
        )

    async def balance(self, now: datetime = NOON) -> int:
        async with self.shop.pool.acquire() as conn:
            return (await postings_repository.read_balance(conn, self.shopper.member_id, now)).balance

    async def owed(self) -> int:
        async with self.shop.pool.acquire() as conn:
            return (await postings_repository.read_balance(conn, self.shopper.member_id, NOON)).owed

    async def rank(self) -> str | None:
        """As it is written down."""
        found: str | None = await self.shop.pool.fetchval(
            "SELECT rank_code FROM member_ranks WHERE member_id = $1", self.shopper.member_id
        )
        return found


async def open_counters(shop: Shop, pool: Pool, count: int = 1) -> Sequence[Counter]:
    """Tills of the first store with one and the same member, scanned at the first."""
    (shopper,) = await shop.enrol()
    phone = await shop.put_card_on(shopper)
    snapshot = (await shop.keeper()).current
    counters = [Counter(shop, till, shopper, phone, snapshot, pool) for till, _ in await shop.install_tills(count)]
    await counters[0].scan()
    for counter in counters:
        counter.scan_id = counters[0].scan_id
    return counters


async def expect_sound(shop: Shop) -> None:
    """Every stored balance is what its lots and its postings come to."""
    async with shop.pool.acquire() as conn:
        assert await postings_repository.find_mismatches(conn) == []
