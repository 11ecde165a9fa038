"""`bench.inside` of a checkout, with the most memory that its loading took: `python -P loading.py FENCES SEED SECONDS`.

What it measures afterwards makes a city of its own, which would be most of the peak. It runs as a file and uses only
what every build since 2318185 has, as turns.py does.
"""

import asyncio
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def main(fences: int, seed: int, seconds: float) -> None:
    inside: Any = import_module("bench.inside")
    make_batches, peaks_mb = inside._make_batches, list[float]()  # noqa: SLF001

    def note_peak(*things: Any) -> Any:
        peaks_mb.append(_read_peak_mb())
        return make_batches(*things)

    inside._make_batches = note_peak  # noqa: SLF001
    measured = asyncio.run(inside._measure(os.environ["DATABASE_URL"], fences, seed, seconds))  # noqa: SLF001
    print(json.dumps(measured | {"peak_mb": peaks_mb[0]}))


def _read_peak_mb() -> float:
    """Of this process alone: what `getrusage` tells begins with the memory of the process that started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
