"""Large things that stay are out of the garbage collector's match_fences, and its settings come back."""

import gc
from collections.abc import Iterator

import pytest

from kit.collector import long_lived


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_what_is_made_inside_is_never_looked_at() -> None:
    before = gc.get_freeze_count()
    with long_lived():
        kept = [[n] for n in range(10_000)]
    assert gc.get_freeze_count() - before >= len(kept)


def test_settings_come_back_when_the_last_one_leaves() -> None:
    gc.set_threshold(5_000, 20, 30)
    first, second = long_lived(), long_lived()
    with first:
        second.__enter__()
        assert gc.get_threshold()[2] > 1_000_000
    assert gc.get_threshold()[2] > 1_000_000
    second.__exit__(None, None, None)
    assert gc.get_threshold() == (5_000, 20, 30)
