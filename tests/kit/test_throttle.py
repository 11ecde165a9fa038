from kit.throttle import MAX_KEYS, Throttle


def test_so_many_attempts_a_window_and_key() -> None:
    throttle = Throttle(attempts=3, window_s=60)
    assert [throttle.wait_s("a", 10.0 + second) for second in range(5)] == [0, 0, 0, 57.0, 56.0]
    assert throttle.wait_s("b", 14.0) == 0
    assert throttle.wait_s("a", 69.9) > 0
    assert throttle.wait_s("a", 70.0) == 0


def test_a_new_window_counts_anew() -> None:
    throttle = Throttle(attempts=1, window_s=60)
    assert [throttle.wait_s("a", now) for now in (0.0, 30.0, 60.0, 61.0, 120.0)] == [0, 30.0, 0, 59.0, 0]


def test_it_remembers_the_keys_that_were_used_last() -> None:
    throttle = Throttle(attempts=1, window_s=60)
    throttle.wait_s("first", 0)
    throttle.wait_s("second", 0)
    for number in range(MAX_KEYS - 2):
        throttle.wait_s(str(number), 0)
    assert throttle.wait_s("first", 1) > 0
    throttle.wait_s("one more", 1)
    assert throttle.wait_s("first", 2) > 0
    assert throttle.wait_s("second", 2) == 0, "the oldest makes room"
