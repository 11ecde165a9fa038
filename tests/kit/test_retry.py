from datetime import UTC, datetime, timedelta

import pytest

from kit.retry import LONGEST_RETRY_AFTER_S, backoff_s, read_retry_after, with_jitter

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)


def test_each_wait_is_twice_the_one_before_up_to_the_longest() -> None:
    assert [backoff_s(failures, first_s=2, max_s=60) for failures in (1, 2, 3, 5, 6, 7)] == [2, 4, 8, 32, 60, 60]
    assert backoff_s(10**6, first_s=1, max_s=900) == 900  # no overflow


def test_jitter_only_lengthens() -> None:
    assert with_jitter(10, 0) == 10
    assert with_jitter(10, 1) == 15
    assert with_jitter(10, 0.5, spread=1) == 15


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("\u0663", None),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("9" * 50, LONGEST_RETRY_AFTER_S),
        ("Sat, 28 Nov 2026 03:00:30 GMT", 30.0),
        ("Sat, 28 Nov 2026 12:00:30 +0900", 30.0),
        ("Sat, 28 Nov 2026 02:00:00 GMT", 0.0),
        # The last moment that there is, in a zone that has it later: to add that to a clock raised an OverflowError.
        ("Fri, 31 Dec 9999 23:59:59 -1200", LONGEST_RETRY_AFTER_S),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
    ],
)
def test_how_long_a_server_asks_to_wait(header: str | None, seconds: float | None) -> None:
    assert read_retry_after(header, NOW) == seconds
    assert NOW + timedelta(seconds=seconds or 0) < NOW + timedelta(days=2)
