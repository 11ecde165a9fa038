"""Purchases, refunds, spending, voids and the worker at once, over connections of their own, against a plain model.

Which of them comes first is PostgreSQL's to say. The postings tell it, and in that order the model must arrive at the
same balances, debts and lots; whatever was refused must have been so for a balance that there was.
"""

import asyncio
from collections import Counter as Counts
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from kit.database import open_pool
from points.rules import PointRules, expires_at
from server.problems import Problem
from server.rewards.renew import renew_all
from tests.support.counter import Counter, expect_sound, open_counters, set_points
from tests.support.ledger_model import PlainLedger
from tests.support.shop import NOON, Shop, open_shop

CONNECTIONS = 8
VALID_DAYS = 3
# (what, a number that says which or how many)
DEEDS = st.lists(
    st.tuples(st.sampled_from(["buy", "buy", "spend", "spend", "refund", "void", "renew"]), st.integers(0, 40)),
    min_size=2,
    max_size=CONNECTIONS,
)


class OneMember(RuleBasedStateMachine):
    def __init__(self, runner: asyncio.Runner, shop: Shop, rules: PointRules, counter: Counter) -> None:
        super().__init__()
        self.runner, self.shop, self.point_rules, self.counter = runner, shop, rules, counter
        self.now, self.number = NOON, 0
        self.model = PlainLedger()
        self.replayed = 0
        # receipt -> (when, points)
        self.bought: dict[str, tuple[datetime, int]] = {}
        self.purchase_receipts: dict[str, str] = {}
        self.spend_receipts: dict[UUID, str] = {}
        self.spent: dict[str, list[datetime]] = {}
        self.refusals: list[tuple[int, int]] = []
        # By the moment at which points expire: how many were earned and not returned, how many ran out unspent.
        self.earned: Counts[datetime] = Counts()
        self.ran_out: Counts[datetime] = Counts()
        self.lapsed: Counts[datetime] = Counts()
        self.brought_back = 0

    @rule(days=st.integers(1, 3))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.runner.run(self.counter.scan(self.now))

    @rule(earning_events=DEEDS)
    def all_at_once(self, earning_events: list[tuple[str, int]]) -> None:
        self.refusals = []
        self.runner.run(self.carry_out([self.start(what, number) for what, number in earning_events]))
        self.runner.run(self.compare())

    async def carry_out(self, earning_events: list[Coroutine[Any, Any, None]]) -> None:
        await asyncio.gather(*earning_events)

    def start(self, what: str, number: int) -> Coroutine[Any, Any, None]:
        self.number += 1
        receipt = f"{self.counter.till.id.hex}-{self.number}"
        if what == "buy":
            return self.buy(receipt, number * 100 + 1)
        if what == "spend":
            return self.spend(receipt, number + 1)
        if what == "refund" and self.bought:
            bought = sorted(self.bought)[number % len(self.bought)]
            return self.try_to(self.counter.refund(bought, receipt, None, self.now))
        if what == "void" and self.spent:
            part = None if number % 3 else number + 1
            return self.try_to(self.counter.void(sorted(self.spent)[number % len(self.spent)], self.now, points=part))
        return self.renew()

    async def buy(self, receipt: str, amount: int) -> None:
        done = await self.counter.buy(amount, receipt, self.now)
        self.purchase_receipts[f"purchase:{done.id}"] = receipt

    async def spend(self, receipt: str, points: int) -> None:
        try:
            done = await self.counter.spend(points, receipt, self.now)
            self.spend_receipts[done.id] = receipt
        except Problem as refusal:
            self.expect(refusal, "insufficient-points")
            self.refusals.append((points, refusal.extra["balance"]))

    async def try_to(self, earning_event: Coroutine[Any, Any, Any]) -> None:
        try:
            await earning_event
        except Problem as refusal:
            self.expect(refusal, "refund-exceeds-purchase", "already-voided", "void-exceeds-spend")

    def expect(self, refusal: Problem, *slugs: str) -> None:
        assert refusal.slug in slugs

    async def renew(self) -> None:
        await renew_all(self.shop.pool, self.now)

    async def compare(self) -> None:
        rows = await self.shop.pool.fetch(
            "SELECT p.*, o.source_key AS reversed, o.at AS reversed_at FROM point_postings p LEFT JOIN point_postings o"
            " ON (o.member_id, o.id) = (p.member_id, p.reverses) WHERE p.member_id = $1 ORDER BY p.id",
            self.counter.shopper.member_id,
        )
        balances = {self.model.balance}
        for row in rows[self.replayed :]:
            self.replay(row)
            assert (row["balance_after"], row["points"]) == (self.model.balance, row["points"])
            balances.add(self.model.balance)
        self.replayed = len(rows)
        # What has run out is gone for everybody, though nobody may have come to post it yet.
        self.lapsed.update(at for at in self.model.held if at <= self.now)
        self.model.expire(self.now)
        balances.add(self.model.balance)
        for points, balance in self.refusals:
            assert balance in balances
            assert balance < points
        assert await self.counter.balance(self.now) == self.model.balance
        assert await self.counter.owed() == self.model.owed
        lots = await self.shop.pool.fetch(
            "SELECT expires_at, remaining FROM point_lots WHERE member_id = $1 AND expires_at > $2 ORDER BY 1",
            self.counter.shopper.member_id,
            self.now,
        )
        assert [at for at, remaining in lots for _ in range(remaining)] == self.model.held
        await expect_sound(self.shop)

    def replay(self, row: Any) -> None:
        """One posting as the plain model understands it."""
        key = row["source_key"]
        if row["kind"] == "earn":
            points = row["points"] - row["owed_change"]
            self.bought[self.purchase_receipts[key]] = (row["at"], points)
            self.earned[expires_at(self.point_rules, row["at"])] += points
            self.model.earn(points, expires_at(self.point_rules, row["at"]))
        elif row["kind"] == "spend":
            self.spent[self.spend_receipts[row["id"]]] = self.model.spend(-row["points"])
        elif row["kind"] == "expire":
            # What expires at one moment is one posting.
            lost = self.model.expire(row["at"]) + self.lapsed.pop(row["at"], 0)
            assert lost == -row["points"]
            self.ran_out[row["at"]] += lost
        elif row["cause"] == "expiry":
            self.brought_back = row["points"] - row["owed_change"]
            self.model.earn(self.brought_back, row["reversed_at"])
        elif row["cause"] == "refund":
            when, points = self.bought.pop(self.purchase_receipts[row["reversed"]])
            assert row["owed_change"] - row["points"] == points
            at = expires_at(self.point_rules, when)
            # What ran out unspent comes back first, by its share: it cannot go twice.
            assert self.brought_back == points * self.ran_out[at] // self.earned[at]
            self.ran_out[at] -= self.brought_back
            self.earned[at] -= points
            self.brought_back = 0
            self.model.reverse_earning(points, at)
        else:
            spent, points = self.spent[self.spend_receipts[row["reverses"]]], row["points"] - row["owed_change"]
            self.model.reverse_spending(spent[-points:])  # what was taken last comes back first
            del spent[-points:]
            if not spent:
                del self.spent[self.spend_receipts[row["reverses"]]]


def test_however_they_meet_the_ledger_is_the_plain_one(database: str) -> None:
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(database, min_size=CONNECTIONS, max_size=CONNECTIONS))
        shop = runner.run(open_shop(pool))
        rules = runner.run(set_points(shop, visit_points=0, valid_days=VALID_DAYS))

        def make() -> OneMember:
            (counter,) = runner.run(open_counters(shop, pool))
            return OneMember(runner, shop, rules, counter)

        run_state_machine_as_test(
            make,  # type: ignore[arg-type]  # its documentation takes a function as well
            settings=settings(
                max_examples=12, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
        pool.terminate()
