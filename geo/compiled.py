"""Compiles plain Python to machine code with numba, once for each state of the sources.

What is compiled is plain Python still: loops over numbers and arrays, which tests may run as they stand.

numba tells by the file of a function whether its kept code is out of date, and not by the files of the functions that
it calls. So the code is kept in a folder that is named after all files of this package. It lies in `__pycache__`, or in
`NUMBA_CACHE_DIR`; where that cannot be written, every process compiles anew, which takes some ten seconds.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent


def _make_folder() -> Path | None:
    sources = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        sources.update(path.read_bytes())
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or _PACKAGE / "__pycache__") / sources.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


_FOLDER = _make_folder()
_IS_KEPT = _FOLDER is not None
if _IS_KEPT:
    numba.config.CACHE_DIR = str(_FOLDER)  # type: ignore[attr-defined]


def compiled(function: F) -> F:
    """The same function. It is compiled when it is first called."""
    return cast("F", numba.njit(cache=_IS_KEPT, error_model="numpy")(function))


@compiled
def double(array: NDArray[Any]) -> NDArray[Any]:
    """The same with room for as many again."""
    grown = np.empty(2 * len(array), array.dtype)
    grown[: len(array)] = array
    return grown
