"""Charts: round values, every bar within its picture, nothing drawn from nothing."""

import pytest

from server.console.charts import BOTTOM, HEIGHT, LEFT, WIDTH, draw_bars, draw_range, round_steps


@pytest.mark.parametrize(
    ("most", "steps"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (4, [0, 1, 2, 3, 4]),
        (10, [0, 5, 10]),
        (75, [0, 20, 40, 60, 80]),
        (769, [0, 200, 400, 600, 800]),
        (1_000_000, [0, 500_000, 1_000_000]),
    ],
)
def test_the_lines_stand_at_round_values_up_to_the_most(most: float, steps: list[float]) -> None:
    assert round_steps(most) == steps


def test_bars_stand_on_the_ground_side_by_side() -> None:
    chart = draw_bars(["a", "b"], [(0, "none"), (10, "ten")], [(5, "five"), (2, "two")])
    for series in chart.series:
        for bar in series:
            assert round(bar.y + bar.height, 1) == HEIGHT - BOTTOM
            assert LEFT <= bar.x <= bar.x + bar.width <= WIDTH
    (none, ten), (five, two) = chart.series
    assert (none.height, ten.title) == (0, "ten")
    assert ten.height == pytest.approx(2 * five.height, abs=0.2)
    assert ten.x + ten.width <= two.x
    assert [label for _, label in chart.labels] == ["a", "b"]


def test_of_many_days_the_last_one_is_named_and_not_all() -> None:
    labels = [str(day) for day in range(30)]
    named = [label for _, label in draw_bars(labels, [(1, "")] * 30).labels]
    assert named[-1] == "29"
    assert len(named) <= 8
    assert draw_bars([], []).series == [[]]


def test_nought_is_always_on_the_line() -> None:
    drawn = draw_range(100, 50, 150, 20, 180)
    assert 0 <= drawn.zero < drawn.always_low < drawn.low < drawn.value < drawn.high < drawn.always_high <= 100
    assert draw_range(0, 0, 0, 0, 0).value == draw_range(0, 0, 0, 0, 0).zero
