"""How a member comes."""

from datetime import date, timedelta

import pytest

from kit.database import Pool
from tests.support.shop import NOON, open_shop
from visits import behaviour_repository, visits_repository
from visits.behaviour import Behaviour, describe_behaviour
from visits.visit import Visit

DAY = date(2026, 5, 1)
FIRST = DAY.toordinal()


def test_who_was_never_there() -> None:
    assert describe_behaviour(0, 0, []) == Behaviour(
        visit_count=0,
        first_visit_on=None,
        last_visit_on=None,
        visit_cycle_days=None,
        store_count=0,
    )


def test_one_visit_has_no_cycle() -> None:
    assert describe_behaviour(1, 1, [FIRST]) == Behaviour(
        visit_count=1,
        first_visit_on=DAY,
        last_visit_on=DAY,
        visit_cycle_days=None,
        store_count=1,
    )


@pytest.mark.parametrize(("gaps", "cycle_days"), [([7], 7.0), ([2, 5, 7, 16], 6.0), ([1, 1, 90], 1.0)])
def test_the_cycle_is_the_median_of_the_days_between(gaps: list[int], cycle_days: float) -> None:
    days = [FIRST + sum(gaps[:number]) for number in range(len(gaps) + 1)]
    last = DAY + timedelta(days=sum(gaps))
    assert describe_behaviour(len(days), 1, days) == Behaviour(
        visit_count=len(days),
        first_visit_on=DAY,
        last_visit_on=last,
        visit_cycle_days=cycle_days,
        store_count=1,
    )


async def test_two_stores_on_one_day_are_two_visits_and_no_gap(pool: Pool) -> None:
    shop = await open_shop(pool, blocks=2)
    here, there = (store.id for store in shop.stores)
    shopper, other = await shop.enrol(2)
    came = [(shopper, there, 10), (shopper, here, 0), (shopper, there, 0), (other, here, 3)]
    async with pool.acquire() as conn:
        await visits_repository.record_visits(
            conn,
            [
                (
                    Visit(
                        member_id=who.member_id,
                        store_id=store,
                        business_day=DAY + timedelta(days=day),
                        program_id=shop.program.id,
                        first_at=NOON,
                    ),
                    "low",
                )
                for who, store, day in came
            ],
        )
        found = await behaviour_repository.read_behaviour(conn, [shopper.member_id])
    assert found == Behaviour(
        visit_count=3,
        first_visit_on=DAY,
        last_visit_on=DAY + timedelta(days=10),
        visit_cycle_days=10.0,
        store_count=2,
    )
