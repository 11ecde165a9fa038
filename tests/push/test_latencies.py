"""How long messages take: what a bucket holds, and what is read back from them."""

import pytest

from push.latencies import bucket_of, percentile_ms


@pytest.mark.parametrize("seconds", [0.0, 0.0004, 0.001, 0.0011, 0.033, 0.15, 1.0, 59.0, 86_400.0])
def test_what_is_read_back_is_at_most_a_tenth_too_long(seconds: float) -> None:
    read = percentile_ms({bucket_of(seconds): 1}, 0.5)
    assert read is not None
    assert max(1.0, seconds * 1000) * 0.999 <= read <= max(1.0, seconds * 1000) * 1.1 + 0.1


def test_shares() -> None:
    times = {bucket_of(0.01): 98, bucket_of(0.1): 1, bucket_of(5.0): 1}
    assert percentile_ms(times, 0.5) == percentile_ms({bucket_of(0.01): 1}, 1)
    assert percentile_ms(times, 0.99) == percentile_ms({bucket_of(0.1): 1}, 1)
    assert percentile_ms(times, 1) == percentile_ms({bucket_of(5.0): 1}, 1)
    assert percentile_ms({}, 0.99) is None


def test_what_takes_days_has_a_bucket_too() -> None:
    assert bucket_of(10**9) == bucket_of(10**6) == 200
