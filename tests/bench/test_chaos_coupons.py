"""The checker finds each kind of fault; a short run finds none."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.chaos_coupons.checker import Caps, Held, judge
from bench.chaos_coupons.history import Answered, Asked, Batch, Told, Wish
from tests.support.forks import run_command

CAPS = {"k": Caps(total=2, store=2), "free": Caps()}


def wish(coupon: str, member: str, **changes: Any) -> Wish:
    return msgspec.structs.replace(Wish(coupon, member, "k", "2026-05-01", "s", "2026-05-01", 0.0), **changes)


def batch(name: str, at_ns: int, wishes: list[Wish], told: list[Told], coupons: tuple[str, ...] = ()) -> Batch:
    return Batch(Asked(name, at_ns, wishes, list(coupons)), Answered(name, at_ns + 5, told))


C1, C2, C3 = wish("c1", "m1"), wish("c2", "m2"), wish("c3", "m3")
HISTORY = [
    batch("a", 10, [C1, wish("x", "m1")], ["issued", "already_issued"]),
    Batch(Asked("killed", 12, [C2]), None),
    batch("b", 30, [C3], ["cap_reached"]),
    batch("r", 40, [], ["redeemed", "refused"], ("c1", "c1")),
    batch("u", 50, [C3], ["unknown"]),
]
HELD = Held(coupons={"c1": C1, "c2": C2}, redeemed=["c1"], messages=["c1", "c2"])
REST: list[tuple[Wish, Told]] = [(wish("z", "m9"), "cap_reached")]


def found(history: list[Batch], held: Held, rest: list[tuple[Wish, Told]] = REST) -> dict[str, int]:
    figures = msgspec.structs.asdict(judge(history, held, CAPS, rest))
    return {name: figure for name, figure in figures.items() if figure and name != "attempts"}


def test_a_history_that_was_kept_is_clean() -> None:
    assert found(HISTORY, HELD) == {}
    assert judge(HISTORY, HELD, CAPS, REST).attempts == 5, "what is unknown was not answered"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"coupons": {"c2": C2}, "messages": ["c2"]}, {"lost": 2, "stranded_after_lease": 1, "false_cap_refusals": 1}),
        ({"redeemed": []}, {"lost": 1}),
        ({"redeemed": ["c1", "c1"]}, {"duplicates": 1}),
        ({"messages": ["c1"]}, {"unmatched_messages": 1}),
        ({"messages": ["c1", "c2", "c9"]}, {"unmatched_messages": 1}),
        ({"messages": ["c1", "c2", "c2"]}, {"unmatched_messages": 1}),
    ],
    ids=str,
)
def test_what_the_database_lacks_or_has_too_often(changes: dict[str, Any], kind: dict[str, int]) -> None:
    assert found(HISTORY, msgspec.structs.replace(HELD, **changes)) == kind


def held_with(*more: Wish) -> Held:
    coupons = {**HELD.coupons, **{each.coupon: each for each in more}}
    return msgspec.structs.replace(HELD, coupons=coupons, messages=list(coupons))


def test_a_second_coupon_of_one_period() -> None:
    second = wish("d1", "m1", campaign="free")
    assert found(HISTORY, held_with(second, msgspec.structs.replace(second, coupon="d2"))) == {"duplicates": 1}


def test_two_coupons_too_near_each_other() -> None:
    first = wish("d1", "m1", campaign="free", distance_s=100.0)
    near = msgspec.structs.replace(first, coupon="d2", period="2026-05-02", event_s=60.0)
    far = msgspec.structs.replace(first, coupon="d3", period="2026-05-03", event_s=160.0)
    assert found(HISTORY, held_with(first, near, far)) == {"duplicates": 1}


def test_one_that_was_told_twice() -> None:
    told_again = batch("c", 60, [wish("c7", "m1")], ["issued"])
    assert found([*HISTORY, told_again], HELD) == {"duplicates": 1, "lost": 1}


def test_more_than_a_cap() -> None:
    assert found(HISTORY, held_with(C3)) == {"above_cap": 2}  # the campaign's and the store's


def test_a_refusal_before_the_cap_can_have_been_reached() -> None:
    early = batch("early", 1, [wish("c5", "m5")], ["cap_reached"])
    assert found([*HISTORY, early], HELD) == {"false_cap_refusals": 1}


def test_a_place_that_nobody_gets() -> None:
    one = msgspec.structs.replace(HELD, coupons={"c1": C1}, messages=["c1"])
    history = [each for each in HISTORY if each.asked.batch in ("a", "r")]
    assert found(history, one) == {"stranded_after_lease": 1}
    assert found(history, one, [(wish("z", "m9"), "issued"), (wish("y", "m9", period="2"), "cap_reached")]) == {}


def test_a_short_run(tmp_path: Path) -> None:
    few = ("--attempts", "2000", "--seed", "5", "--writers", "2", "--calm-s", "0.5", "--json")
    done = run_command(tmp_path, "bench", "chaos-coupons", *few)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures.pop("attempts") >= 2000
    assert figures.pop("seed") == 5
    assert figures.pop("kills") >= 0
    assert figures == dict.fromkeys(figures, 0)
