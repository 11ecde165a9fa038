"""A large mapping of which few entries change at a time: the same thought as in `geo.overlay`."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TypeVar

from kit.steps import Steps

K = TypeVar("K")
V = TypeVar("V")

MAX_OVERLAY_SIZE = 500
# A copy of so many entries takes less than a millisecond.
_STEP_SIZE = 10_000


class OverlaidMapping(Mapping[K, V]):
    """Immutable: a base that is shared, under a few changes; None stands for what was removed."""

    __slots__ = ("_base", "_changes")

    def __init__(self, base: Mapping[K, V], changes: Mapping[K, V | None] | None = None) -> None:
        self._base = base
        self._changes: Mapping[K, V | None] = changes or {}

    def __getitem__(self, key: K) -> V:
        if key not in self._changes:
            return self._base[key]
        changed = self._changes[key]
        if changed is None:
            raise KeyError(key)
        return changed

    def __iter__(self) -> Iterator[K]:
        yield from (key for key in self._base if key not in self._changes)
        yield from (key for key, value in self._changes.items() if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def change_in_steps(self, changes: Mapping[K, V | None]) -> Steps["OverlaidMapping[K, V]"]:
        """The same with some entries put in, and those removed that stand with None."""
        all_changes = {**self._changes, **changes}
        if len(all_changes) <= MAX_OVERLAY_SIZE:
            return OverlaidMapping(self._base, all_changes)
        changed, base = OverlaidMapping(self._base, all_changes), dict[K, V]()
        keys = iter(changed)
        while some := list(islice(keys, _STEP_SIZE)):
            base.update((key, changed[key]) for key in some)
            yield
        return OverlaidMapping(base)
