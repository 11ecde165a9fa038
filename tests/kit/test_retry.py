from kit.retry import backoff_s, with_jitter


def test_each_wait_is_twice_the_one_before_up_to_the_longest() -> None:
    assert [backoff_s(failures, first_s=2, max_s=60) for failures in (1, 2, 3, 5, 6, 7)] == [2, 4, 8, 32, 60, 60]
    assert backoff_s(10**6, first_s=1, max_s=900) == 900  # no overflow


def test_jitter_only_lengthens() -> None:
    assert with_jitter(10, 0) == 10
    assert with_jitter(10, 1) == 15
    assert with_jitter(10, 0.5, spread=1) == 15
