"""The garbage collector and large things that stay: a full pass over a million objects stops everything for 0.2 s."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEVER = 1_000_000_000
# Requests and rows of files make few cycles; the default walks the young objects after every 700 new ones. The loop
# stands still while they are walked: four to twelve milliseconds for 20,000. Older ones are walked very seldom.
_SELDOM = (5_000, 200, 100)
# The threshold of each one inside at the moment; the first found the true one.
_found: list[int] = []


def collect_seldom() -> None:
    """Of a process that makes many objects and few cycles; what it has loaded so far is never looked at again."""
    gc.freeze()
    gc.set_threshold(*_SELDOM)


@contextmanager
def long_lived() -> Iterator[None]:
    """What is made inside is there to stay: no full pass meanwhile, and none of the later ones will look at it.

    It is still freed when nothing refers to it any more. Only a cycle that became garbage meanwhile is never found,
    unless it died young: the youngest are looked through as ever.
    """
    youngest, young, full = gc.get_threshold()
    _found.append(full)
    gc.set_threshold(youngest, young, _NEVER)
    try:
        yield
    finally:
        gc.collect(0)
        gc.freeze()
        true_one = _found[0]
        _found.pop()
        if not _found:
            gc.set_threshold(youngest, young, true_one)
