"""The checker finds what it is there to find; a short run finds nothing."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.chaos.checker import Held, judge
from bench.chaos.disk import small_disk
from bench.chaos.growth import Sample, sum_up
from bench.chaos.history import Answered, History, Outage
from bench.chaos.stepped_server import set_step, stepped_clock
from kit.clock import utc_now
from tests.support.forks import run_command

CLEAN = Held(
    coupons={"c1": ("m1", "k", "once"), "c2": ("gone", "k", "erased:c2")},
    pushed=frozenset({"c1"}),
    redeemed=["c1"],
    amounts=[1001],
    scans=frozenset({"s1"}),
    spent=frozenset({"p1"}),
    refunds=frozenset({"b1"}),
    members=frozenset({"m1", "gone"}),
    erased=frozenset({"gone"}),
    caps={"k": 2},
    lowest_balance=0,
    wrong_balances=0,
    left_of_erased=0,
)


@pytest.fixture
def history() -> History:
    history = History()
    history.note("enrol", "m1", 201, {}, {"member_id": "m1"})
    history.note("locate", "m1", 200, {}, {"coupons": ["c1"]})
    history.note("locate", "gone", 200, {}, {"coupons": ["had another id"]})
    history.note("redeem", "m1", 201, {}, {"coupon_id": "c1"})
    history.note("redeem", "m1", 409, {}, {"type": "already-redeemed"})
    history.note("scan", "m1", 201, {"purchase": {"amount": 1001}}, {"scan_id": "s1"})
    history.note("spend", "m1", 201, {}, {"id": "p1"})
    history.note("refund", "m1", 201, {}, {"id": "b1"})
    history.note("erase", "gone", 204, {}, {})
    return history


def test_the_longest_outage_tells_what_broke_in_it_and_last_before_it() -> None:
    history = History()
    assert history.longest_outage() == Outage(0.0, 0.0, ())
    history.answered = [
        Answered("scan", "m1", status, {}, {}, at) for at, status in ((5, 201), (6, 201), (9, 503), (16, 200))
    ]
    history.faults = [("cut", 5.5), ("killed", 5.9), ("crashed", 7.0), ("frozen", 17.0)]
    assert history.longest_outage() == Outage(10.0, 1.0, ("killed", "crashed"))


def test_a_history_that_was_kept_is_clean(history: History) -> None:
    verdict = judge(history, CLEAN)
    assert verdict.is_clean
    assert verdict.operations == 9


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"coupons": {}}, "lost"),
        ({"pushed": frozenset()}, "lost"),
        ({"redeemed": []}, "lost"),
        ({"amounts": []}, "lost"),
        ({"scans": frozenset()}, "lost"),
        ({"spent": frozenset()}, "lost"),
        ({"refunds": frozenset()}, "lost"),
        ({"members": frozenset({"gone"})}, "lost"),
        ({"redeemed": ["c1", "c1"]}, "doubled"),
        ({"amounts": [1001, 1001]}, "doubled"),
        ({"coupons": {**CLEAN.coupons, "c3": ("m1", "k", "once")}, "pushed": frozenset({"c1", "c3"})}, "doubled"),
        ({"wrong_balances": 1}, "doubled"),
        ({"caps": {"k": 1}}, "above_cap"),
        ({"lowest_balance": -1}, "below_zero"),
        ({"erased": frozenset(), "pushed": frozenset({"c1", "c2"})}, "erased_returned"),
        ({"left_of_erased": 1}, "erased_returned"),
    ],
)
def test_each_fault_is_found(history: History, changes: dict[str, Any], found: str) -> None:
    verdict = judge(history, msgspec.structs.replace(CLEAN, **changes))
    assert getattr(verdict, found) > 0
    assert not verdict.is_clean


def test_what_has_no_cap_counts_towards_none(history: History) -> None:
    uncapped = {f"u{number}": (f"m{number}", "other", "once") for number in range(5)}
    for coupon in uncapped:
        history.note("locate", "m1", 200, {}, {"coupons": [coupon]})
    held = msgspec.structs.replace(CLEAN, coupons={**CLEAN.coupons, **uncapped}, pushed={*CLEAN.pushed, *uncapped})
    assert judge(history, held).is_clean


def test_two_tills_that_were_both_told_yes_are_found(history: History) -> None:
    history.note("redeem", "m1", 201, {}, {"coupon_id": "c1"})
    assert judge(history, CLEAN).doubled == 1


def test_an_answer_of_500_is_found(history: History) -> None:
    history.unexpected.append(("scan", 500, ""))
    assert judge(history, CLEAN).unexpected_500 == 1


def test_a_disk_that_is_filled_takes_no_byte_more() -> None:
    with small_disk() as disk:
        if disk is None:
            pytest.skip("to mount one takes root and a loop device")
        disk.fill()
        with pytest.raises(OSError, match="No space left"):
            (disk.place / "one more").write_bytes(b"x" * 8192)
        disk.free()
        (disk.place / "one more").write_bytes(b"x" * 8192)
        place = disk.place
    assert not place.exists()


def test_a_clock_is_stepped_while_it_runs(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    set_step(file, 3600)
    read_stepped_time = stepped_clock(file)
    assert timedelta(minutes=59) < read_stepped_time() - utc_now() < timedelta(minutes=61)
    set_step(file, -90)
    assert timedelta(seconds=-91) < read_stepped_time() - utc_now() < timedelta(seconds=-30)


def test_a_short_run_loses_doubles_and_brings_back_nothing(tmp_path: Path) -> None:
    # With this seed a kill comes first, then a full disk and a wrong clock.
    done = run_command(tmp_path, "bench", "chaos", "--minutes", "0.25", "--people", "3", "--seed", "28", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["operations"] > 0
    assert figures["kills"] > 0
    assert {"API 1", "API 2", "worker"} <= figures["memory_mb"].keys()
    assert max(figures["tables_mb"]["outbox"]) > 0


def test_what_grows_is_told_by_quarters_of_the_time() -> None:
    samples = [
        Sample(float(at), {"worker": 100.0 + at}, {} if at == 3 else {"outbox": float(at), "small": 0.1})
        for at in range(9)
    ]
    assert sum_up(samples) == {
        "memory_mb": {"worker": [101.0, 103.0, 105.0, 108.0]},
        "tables_mb": {"outbox": [1.0, 2.0, 5.0, 8.0], "small": [0.1, 0.1, 0.1, 0.1]},
    }
    assert sum_up([]) == {"memory_mb": {}, "tables_mb": {}}
