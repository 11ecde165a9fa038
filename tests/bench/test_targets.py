"""A figure meets its target by its median, on the right side of it; what was not measured is null."""

import pytest

from bench.targets import TARGETS, medians, tabulate, tabulate_rest

MEANT = {target.name: target for target in TARGETS}


@pytest.mark.parametrize(
    ("name", "values", "verdict"),
    [
        ("ratio_decode_only_1fix", [0.1, 0.7, 0.9], "met"),
        ("ratio_decode_only_1fix", [0.1, 0.69, 0.9], "missed"),
        ("p99_ms_half_load", [5.0, 25.0, 90.0], "met"),
        ("p99_ms_half_load", [5.0, 25.1, 90.0], "missed"),
        ("load_mb", [], "not measured"),
    ],
)
def test_the_median_decides(name: str, values: list[float], verdict: str) -> None:
    line = next(line for line in tabulate({name: values}) if line.startswith(MEANT[name].meaning))
    assert line.endswith(f" {verdict}")
    assert MEANT[name].wording() in line


def test_every_target_has_its_line_and_its_key() -> None:
    assert len(tabulate({})) == 1 + len(TARGETS)
    assert medians({"load_s": [3.0, 1.0, 1.23456]}) == dict.fromkeys(MEANT) | {"load_s": 1.235}


def test_what_has_no_target_stands_below() -> None:
    assert tabulate_rest({"load_s": [1.0], "other_cpus_before": [0.5]}) == [f"{'other_cpus_before':<42}0.5 (0.5-0.5)"]
