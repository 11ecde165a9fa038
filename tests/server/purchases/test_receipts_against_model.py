"""No sequence of purchase, payment, refund, void and undo keeps a receipt that nobody holds, or loses one that is held.

Three members at one till, three receipts. A plain model says which of them may be sent: who holds what of each bill.
"""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from ids import MemberId
from kit.database import open_pool
from server.problems import Problem
from tests.support.counter import Counter, expect_sound, open_counters, set_points
from tests.support.receipts import expect_what_stands_holds
from tests.support.shop import NOON, Shop, open_shop
from tests.support.visiting import undoes

MEMBERS, RECEIPTS = 3, ("R-1", "R-2", "R-3")
BILL = 1000
who = st.integers(0, MEMBERS - 1)
receipts = st.sampled_from(RECEIPTS)
parts = st.sampled_from([0, 250, 500, BILL])


class OneTill(RuleBasedStateMachine):
    def __init__(self, runner: asyncio.Runner, shop: Shop, counters: list[Counter]) -> None:
        super().__init__()
        self.runner, self.shop, self.counters = runner, shop, counters
        self.now: datetime = NOON
        self.number = 0
        # receipt -> member -> what stands of the purchase, or of the points; and the bill that they share.
        self.bought: dict[str, dict[int, int]] = {receipt: {} for receipt in RECEIPTS}
        self.bills: dict[str, int] = {}
        self.spent: dict[str, dict[int, int]] = {receipt: {} for receipt in RECEIPTS}
        # The till's scans since, the last one at the end: member, and the receipts of what was bought with it.
        self.scans: list[tuple[int, MemberId, Any, list[str]]] = []

    def run_until_done(self, work: Coroutine[Any, Any, Any]) -> str:
        try:
            self.runner.run(work)
        except Problem as refusal:
            return refusal.slug
        return "done"

    def check(self) -> None:
        self.runner.run(expect_what_stands_holds(self.shop))
        self.runner.run(expect_sound(self.shop))

    @rule(member=who)
    def scan(self, member: int) -> None:
        self.now += timedelta(minutes=1)
        counter = self.counters[member]
        self.runner.run(counter.scan(self.now))
        self.scans.append((member, counter.shopper.member_id, counter.scan_id, []))

    @rule(member=who, receipt=receipts, amount=parts, is_shared=st.booleans())
    def buy(self, member: int, receipt: str, amount: int, *, is_shared: bool) -> None:
        reference = next((each for each in reversed(self.scans) if each[0] == member), None)
        if reference is None:
            return
        bill = BILL if is_shared else amount
        holders = self.bought[receipt]
        is_taken = member in holders or (
            bool(holders) and (self.bills[receipt] != bill or bill == 0 or sum(holders.values()) + amount > bill)
        )
        done = self.run_until_done(self.counters[member].buy(amount, receipt, self.now, bill_amount=bill))
        assert done == ("receipt-taken" if is_taken else "done")
        if not is_taken:
            holders[member] = amount
            self.bills[receipt] = bill
            reference[3].append(receipt)
        self.check()

    @rule(member=who, receipt=receipts, amount=st.sampled_from([None, 250, 500]))
    def refund(self, member: int, receipt: str, amount: int | None) -> None:
        holders = self.bought[receipt]
        left = holders.get(member)
        self.number += 1
        work = self.counters[0].refund(
            receipt, f"B-{self.number}-{id(self)}", amount, self.now,
            member_id=self.counters[member].shopper.member_id,
        )  # fmt: skip
        done = self.run_until_done(work)
        if left is None:
            assert done in ("receipt-unknown", "refund-exceeds-purchase")
        elif (amount or 0) > left:
            assert done == "refund-exceeds-purchase"
        else:
            assert done == "done"
            self._give_back(receipt, member, left if amount is None else amount)
        self.check()

    def _give_back(self, receipt: str, member: int, amount: int) -> None:
        holders = self.bought[receipt]
        holders[member] -= amount
        if not holders[member]:
            del holders[member]

    @rule(member=who, receipt=receipts, points=st.integers(1, 5))
    def spend(self, member: int, receipt: str, points: int) -> None:
        if not any(each[0] == member for each in self.scans):
            return
        done = self.run_until_done(self.counters[member].spend(points, receipt, self.now))
        if member in self.spent[receipt]:
            assert done == "receipt-taken"
        else:
            assert done in ("done", "insufficient-points", "scan-unknown")  # the scan may be too old to pay with
        if done == "done":
            self.spent[receipt][member] = points
        self.check()

    @rule(member=who, receipt=receipts, points=st.sampled_from([None, 1, 3]))
    def void(self, member: int, receipt: str, points: int | None) -> None:
        holders = self.spent[receipt]
        left = holders.get(member)
        member_id = self.counters[member].shopper.member_id
        done = self.run_until_done(self.counters[0].void(receipt, self.now, points=points, member_id=member_id))
        if left is None:
            assert done in ("receipt-unknown", "already-voided")
        elif (points or 0) > left:
            assert done == "void-exceeds-spend"
        else:
            assert done == "done"
            holders[member] -= left if points is None else points
            if not holders[member]:
                del holders[member]
        self.check()

    @rule()
    def undo(self) -> None:
        if not self.scans:
            return
        member, member_id, scan_id, bought = self.scans[-1]
        done = self.run_until_done(undoes(self.shop, self.counters[0].till, member_id, scan_id, self.now))
        assert done in ("done", "undo-expired")
        if done == "done":
            self.scans.pop()
            for receipt in bought:
                self.bought[receipt].pop(member, None)
            earlier = next((each for each in reversed(self.scans) if each[0] == member), None)
            if earlier is not None:
                self.counters[member].scan_id = earlier[2]
        self.check()


def test_a_receipt_is_held_as_long_as_something_stands_under_it(database: str) -> None:
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(database, min_size=2, max_size=4))
        rounds = 0

        def make() -> OneTill:
            nonlocal rounds
            rounds += 1
            shop = runner.run(open_shop(pool, f"chain-{rounds}"))
            runner.run(set_points(shop))
            counters = [runner.run(open_counters(shop, pool))[0] for _ in range(MEMBERS)]
            for counter in counters[1:]:
                counter.till = counters[0].till
            return OneTill(runner, shop, counters)

        run_state_machine_as_test(
            make,  # type: ignore[arg-type]  # its documentation takes a function as well
            settings=settings(
                max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
        pool.terminate()
