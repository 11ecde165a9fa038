"""The files of this repository that are ours: without what tools and others put into it, and without the tests."""

from pathlib import Path

from devtools.bootstrap import ROOT

_NOT_OURS = frozenset({"frontend", "tests"})  # frontend holds pages, and what others wrote for browsers
_NOT_SERVED = frozenset({"bench", "devtools"})


def find_files(suffix: str, *, of_product: bool = False) -> list[Path]:
    """All with that suffix, in order; `of_product`: without those that measure and set up."""
    left_out = _NOT_OURS | _NOT_SERVED if of_product else _NOT_OURS
    rooms = (
        path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".") and path.name not in left_out
    )
    return sorted(path for room in rooms for path in room.rglob(f"*{suffix}"))
