"""A program's colour, with an ink that can be read on it."""

import re

import pytest

from server.faces.colours import contrast, write_colours


@pytest.mark.parametrize("colour", ["#7a3b2e", "#000000", "#ffffff", "#ffd400", "#767676", "#1f3a5f", "#00a0e9"])
def test_the_ink_can_be_read_on_the_colour(colour: str) -> None:
    written = re.fullmatch(r":root \{ --brand: (#\w{6}); --on-brand: (#\w{6}); \}\n", write_colours(colour))
    assert written is not None
    assert written[1] == colour
    assert contrast(colour, written[2]) >= 4.1  # large letters need 3 (WCAG 2.2, 1.4.3)


@pytest.mark.parametrize("colour", [None, "red", "#fff", "#7A3B2E", "#7a3b2e;}body{display:none", "#7a3b2e\n"])
def test_what_is_no_colour_is_none(colour: str | None) -> None:
    assert write_colours(colour) == ""


def test_the_contrast_is_the_standards() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
