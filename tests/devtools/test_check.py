"""A failing check is shown with what it said, and fails the whole."""

import pytest

from devtools.check import Check, report, run_all

GOOD = Check("good", ("-c", "print('quiet')"))
BAD = Check("bad", ("-c", "import sys; print('the reason'); sys.exit(3)"))


def test_all_run_and_one_failure_fails_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(run_all([BAD, GOOD], at_once=2)) == 1
    shown = capsys.readouterr().out
    assert "FAIL  bad" in shown
    assert "the reason" in shown
    assert "ok    good" in shown
    assert "quiet" not in shown


def test_all_good_is_success() -> None:
    assert report(run_all([GOOD], at_once=1)) == 0
