"""What is wrong with a tree is named with its place; the limits hold."""

from datetime import date

import msgspec
import pytest

from audiences import tree as t
from audiences.attributes import AttributeDefinition
from audiences.faults import MAX_DEPTH, MAX_NODES, AudienceFault, require_sound
from audiences.logic import all_true, any_true, negate
from audiences.moment import age_on, birthdays_within, month_and_day
from tests.audiences.test_agreement import DEFINITIONS

FINE = t.PointsHeld(at_least=1)
OLD = AttributeDefinition(key="old", kind="text", is_profiling=False, is_removed=True, is_own=True)
SQUARE = [[139.0, 35.0], [140.0, 35.0], [140.0, 36.0], [139.0, 36.0], [139.0, 35.0]]


def nested(depth: int) -> t.Tree:
    tree: t.Tree = FINE
    for _ in range(depth - 1):
        tree = t.Not(of=tree)
    return tree


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        (t.AllOf(of=[*[FINE] * 50, t.AnyOf(of=[FINE] * 160)]), "tree.of[50].of[148]"),
        (nested(MAX_DEPTH + 1), "tree" + ".of" * MAX_DEPTH),
        (t.AnyOf(of=[FINE, t.PointsHeld()]), "tree.of[1]"),
        (t.Not(of=t.AgeIs(at_least=30, at_most=20)), "tree.of"),
        (t.AttributeIs(key="shoe", is_yes=True), "tree.key"),
        (t.AttributeIs(key="old", is_one_of=["x"]), "tree.key"),
        (t.AttributeIs(key="age", at_least=3), "tree.key"),
        (t.AttributeIs(key="size", is_one_of=["3"]), "tree.is_one_of"),
        (t.AttributeIs(key="size"), "tree"),
        (t.AttributeIs(key="size", at_least=3, at_most=2), "tree"),
        (t.AttributeIs(key="gender", is_one_of=["female", "f"]), "tree.is_one_of[1]"),
        (t.InArea(radius_m=3), "tree"),
        (t.InArea(polygon=SQUARE, radius_m=3), "tree"),
        (t.InArea(polygon=SQUARE[:-1]), "tree.polygon"),
        (t.InArea(polygon=[*SQUARE[:2], SQUARE[3], SQUARE[2], SQUARE[0]]), "tree.polygon"),
        (t.InArea(center=[35.0, 139.0], radius_m=3), "tree.center"),
    ],
)
def test_a_fault_names_its_place(tree: t.Tree, path: str) -> None:
    with pytest.raises(AudienceFault) as caught:
        require_sound(tree, {**DEFINITIONS, "old": OLD})
    assert caught.value.path == path


def test_ten_thousand_conditions_are_refused_at_the_first_too_many() -> None:
    with pytest.raises(AudienceFault) as caught:
        require_sound(t.AllOf(of=[t.AnyOf(of=[FINE] * 100)] * 100), DEFINITIONS)
    assert caught.value.path == "tree.of[1].of[97]"
    require_sound(t.AllOf(of=[FINE] * (MAX_NODES - 1)), DEFINITIONS)
    require_sound(nested(MAX_DEPTH), DEFINITIONS)


def test_a_tree_is_read_by_its_types_alone() -> None:
    text = b'{"type":"not","of":{"type":"coupon","state":"used"}}'
    tree = msgspec.json.decode(text, type=t.Tree)
    assert tree == t.Not(of=t.CouponHeld(state="used"))
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"type":"coupon","state":"lost"}', type=t.Tree)


def test_kleene() -> None:
    values = (True, False, None)
    assert {(a, b): all_true([a, b]) for a in values for b in values} == {
        (True, True): True, (True, False): False, (True, None): None,
        (False, True): False, (False, False): False, (False, None): False,
        (None, True): None, (None, False): False, (None, None): None,
    }  # fmt: skip
    assert all(any_true([a, b]) == negate(all_true([negate(a), negate(b)])) for a in values for b in values)


def test_a_leap_day_falls_on_the_28th_in_common_years() -> None:
    born, leap_day = month_and_day(2, 29), 229
    assert age_on(date(2027, 2, 27), 2000, born) == 26
    assert age_on(date(2027, 2, 28), 2000, born) == 27
    assert age_on(date(2028, 2, 28), 2000, born) == 27
    assert age_on(date(2028, 2, 29), 2000, born) == 28
    assert leap_day in birthdays_within(date(2027, 2, 27), 1, 1)
    assert leap_day not in birthdays_within(date(2028, 2, 27), 1, 1)
    assert leap_day in birthdays_within(date(2028, 2, 27), 2, 2)
    # Windows go over the new year, and who has their birthday today has none in a year's time.
    assert month_and_day(1, 2) in birthdays_within(date(2026, 12, 30), 0, 5)
    assert month_and_day(7, 7) not in birthdays_within(date(2026, 7, 7), 1, 366)
