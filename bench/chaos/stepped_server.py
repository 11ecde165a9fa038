"""`python -m server` by a clock that can be stepped while it runs: `python -m bench.chaos.stepped_server FILE …`.

FILE holds by how many seconds the clock is off, as `set_step` writes it. Only the server's clock is stepped, not the
database's: as on a machine whose time is set anew. The server reads it at one place, `kit.clock`, which is replaced
before anything imports it.
"""

import mmap
import struct
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from kit import clock

_OFF_S = struct.Struct("=q")


def set_step(file: Path, off_s: int) -> None:
    """In place: whoever has the file mapped reads it from now on."""
    with file.open("r+b" if file.exists() else "wb") as opened:
        opened.write(_OFF_S.pack(off_s))


def stepped_clock(file: Path) -> Callable[[], datetime]:
    """The time of day, off by what the file says at that moment."""
    with file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), _OFF_S.size, prot=mmap.PROT_READ)
    read_real_time = clock.utc_now

    def read_stepped_time() -> datetime:
        return read_real_time() + timedelta(seconds=_OFF_S.unpack(mapped[:])[0])

    return read_stepped_time


def main(file: str, arguments: list[str]) -> int:
    clock.utc_now = stepped_clock(Path(file))
    sys.argv[1:] = arguments
    from server.__main__ import main as serve  # noqa: PLC0415 - only after the clock was replaced

    return serve()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
