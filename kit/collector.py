"""The garbage collector and large things that stay: a full pass over a million objects stops everything for 0.2 s."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEVER = 1_000_000_000
_FULL_PASS_AFTER = gc.get_threshold()[2]
_inside = 0


@contextmanager
def long_lived() -> Iterator[None]:
    """What is made inside is there to stay: no full pass meanwhile, and none of the later ones will look at it.

    It is still freed when nothing refers to it any more; only cycles that are there at the end are never found.
    """
    global _inside  # noqa: PLW0603 - there is one collector in the process
    _inside += 1
    gc.set_threshold(*gc.get_threshold()[:2], _NEVER)
    try:
        yield
    finally:
        _inside -= 1
        # The young are looked through as ever, so what garbage there is now is little.
        gc.collect(1)
        gc.freeze()
        if _inside == 0:
            gc.set_threshold(*gc.get_threshold()[:2], _FULL_PASS_AFTER)
