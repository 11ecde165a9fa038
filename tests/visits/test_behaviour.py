"""How a member comes."""

from datetime import date, timedelta

from kit.ids import new_id
from visits.behaviour import Behaviour, describe_behaviour

DAY = date(2026, 5, 1)
HERE, THERE = new_id(), new_id()


def days(*numbers: int) -> list[date]:
    return [DAY + timedelta(days=number) for number in numbers]


def test_who_was_never_there() -> None:
    assert describe_behaviour([]) == Behaviour(0, None, None, None, 0)


def test_one_visit_has_no_cycle() -> None:
    assert describe_behaviour([(HERE, DAY)]) == Behaviour(1, DAY, DAY, None, 1)


def test_the_cycle_is_the_median_of_days_between() -> None:
    visits = [(HERE, day) for day in days(30, 0, 7, 14, 2)]  # gaps 2, 5, 7, 16
    assert describe_behaviour(visits) == Behaviour(5, DAY, DAY + timedelta(days=30), 6.0, 1)


def test_two_stores_on_one_day_are_two_visits_and_no_gap() -> None:
    visits = [(HERE, DAY), (THERE, DAY), (HERE, DAY + timedelta(days=10))]
    assert describe_behaviour(visits) == Behaviour(3, DAY, DAY + timedelta(days=10), 10.0, 2)
